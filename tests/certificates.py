"""Certificates made while a test runs: an authority of one's own, and what it issues."""

import datetime
from pathlib import Path
from typing import NamedTuple

import trustme
from cryptography.hazmat.primitives import serialization as pem

DAY = datetime.timedelta(days=1)


class Shown(NamedTuple):
    """PEM files: the certificate, its key, and both in one."""

    cert: Path
    key: Path
    both: Path


class Authority:
    """`ca_file`: what who trusts it needs."""

    def __init__(self, folder: Path, name: str = "ours") -> None:
        self._ca = trustme.CA(organization_name=f"callpulse tests, {name}")
        self._folder, self._name = folder, name
        self.ca_file = folder / f"{name}-ca.pem"
        self._ca.cert_pem.write_to_path(self.ca_file)

    def issue(self, name: str, *hosts: str, expired: bool = False, password: str = "", rsa: bool = False) -> Shown:
        """For these host names and addresses; `name` is the common name. Keys are in PKCS #8, which Java reads, and of
        elliptic curves unless `rsa`."""
        now = datetime.datetime.now(datetime.UTC)
        made = self._ca.issue_cert(
            *(hosts or (f"{name}.invalid",)),
            common_name=name,
            not_before=now - 2 * DAY,
            not_after=now + (-DAY if expired else DAY),
            key_type=trustme.KeyType.RSA if rsa else trustme.KeyType.ECDSA,
        )
        shut = pem.BestAvailableEncryption(password.encode()) if password else pem.NoEncryption()
        key = pem.load_pem_private_key(made.private_key_pem.bytes(), None)
        shown = Shown(*(self._folder / f"{self._name}-{name}-{kind}.pem" for kind in ("cert", "key", "both")))
        shown.key.write_bytes(key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, shut))
        shown.cert.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        shown.both.write_bytes(shown.key.read_bytes() + shown.cert.read_bytes())
        return shown
