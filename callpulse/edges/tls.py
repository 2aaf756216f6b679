"""Certificates and keys from files, for every edge: each file that cannot be used is a sentence with its setting."""

import ssl
from typing import Any

from msgspec import Struct

from callpulse.clock import now_ms
from callpulse.settings import SettingsError
from callpulse.settings.regular import opened
from callpulse.stream.moments import moment


class Files(Struct, frozen=True):
    """PEM files; "" = none. `section`: of the settings in which they stand. `ca`: whom to trust, otherwise those whom
    the system trusts. `cert`: our own certificate, with those between it and the CA; `key`: its key, where that is not
    in the same file; `password`: of the key."""

    section: str
    ca: str = ""
    cert: str = ""
    key: str = ""
    password: str = ""


def client_context(files: Files) -> ssl.SSLContext:
    """For who connects: the other side's certificate and its name are verified. Raises SettingsError."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    if files.ca:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cadata=_authorities(files))
    if files.cert:
        _show(context, files)
        _still_valid(files)
    return context


class OwnCertificate:
    """What who listens shows. `context`: for who listens, as long as it does. Raises SettingsError."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.context = self._newest = _server_context(files)
        # another file in the same context would leave the old certificate beside it, where its key is of another kind
        self.context.sni_callback = self._show_newest

    def renew(self) -> None:
        """Show from now on what the files hold now. Raises SettingsError, also where that has expired, and goes on as
        before."""
        made = _server_context(self.files)
        _still_valid(self.files)
        self._newest = made

    def _show_newest(self, coming: ssl.SSLSocket | ssl.SSLObject, _name: str, _context: ssl.SSLContext) -> None:
        coming.context = self._newest


def _server_context(files: Files) -> ssl.SSLContext:
    """TLS 1.2 and later. Raises SettingsError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _show(context, files)
    return context


def expired(files: Files, at_ms: int) -> str | None:
    """`expired on 2026-11-22`, of our own certificate; None where it is valid, or cannot be told."""
    try:
        found: dict[str, Any] = ssl._ssl._test_decode_cert(files.cert)  # type: ignore[attr-defined]  # no public way
    except (AttributeError, OSError, ValueError):
        return None
    ended_s = ssl.cert_time_to_seconds(found["notAfter"])
    return f"expired on {moment(1000 * ended_s)}" if 1000 * ended_s < at_ms else None


def _still_valid(files: Files) -> None:
    if (over := expired(files, now_ms())) is not None:
        raise _fault(files, "cert", f"{over}; expected one that is valid, nobody takes this one")


def _authorities(files: Files) -> str:
    text = _text(files, "ca")
    try:
        # not create_default_context, which takes an empty text for none and trusts whom the system trusts
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        raise _fault(files, "ca", "holds no certificates; expected a PEM file of those to trust") from None
    return text


def _show(context: ssl.SSLContext, files: Files) -> None:
    """Have our own certificate shown. A key with a password that is not set would have OpenSSL ask the terminal."""
    _text(files, "cert")
    holder = "key" if files.key else "cert"
    _text(files, holder)
    asked: list[bool] = []

    def password() -> str:
        asked.append(True)
        return files.password

    try:
        context.load_cert_chain(files.cert, files.key or None, password)
    except (OSError, ValueError) as error:  # also where a file has gone meanwhile
        reason = getattr(error, "reason", "") or ""
        if "MISMATCH" in reason:
            raise _fault(files, holder, f"is not the key of {files.section}.cert_file = {files.cert!r}") from None
        if asked:
            said = "is wrong" if files.password else "is missing"
            raise SettingsError(
                f"{files.section}.key_password: {said}; the key in {getattr(files, holder)!r} has a password"
            ) from None
        raise _fault(files, "cert", f"cannot be used with its key ({reason or error}); expected PEM files") from None


def _text(files: Files, which: str) -> str:
    try:
        with opened(getattr(files, which)) as file:
            return file.read().decode("ascii", "ignore")  # people's words beside them
    except (OSError, ValueError) as error:  # a path with a NUL
        said = error.strerror if isinstance(error, OSError) else error
        raise _fault(files, which, f"cannot be read ({said}); expected a PEM file") from None


def _fault(files: Files, which: str, said: str) -> SettingsError:
    return SettingsError(f"{files.section}.{which}_file = {getattr(files, which)!r}: {said}")
