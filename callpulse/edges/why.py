"""Why TLS did not come about, in words that name the setting to look at. Pure."""

import ssl
from collections.abc import Iterator

EXPIRED, OTHER_NAMES = 10, (62, 64)  # of X.509 verification: a name, an address
OF_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
UNTRUSTED = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE", "UNSUPPORTED_CERTIFICATE", "DECRYPT_ERROR")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def of_tls(error: BaseException, section: str, address: str, speaks: str) -> str:
    """`its certificate …`, or "" where the error says nothing that we know. `section`: of the settings; `address`,
    `speaks`: the settings that say where it is, and that it speaks TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_its_certificate(error, section, address)
    return _of_alert(error.reason or "", section, speaks) if isinstance(error, ssl.SSLError) else ""


def _of_its_certificate(error: ssl.SSLCertVerificationError, section: str, address: str) -> str:
    if error.verify_code == EXPIRED:
        return "its certificate has expired"
    if error.verify_code in OTHER_NAMES:
        return f"its certificate is for another name than the one in {address}"
    return f"its certificate is not one that is trusted here ({section}.ca_file): {error.verify_message}"


def _of_alert(reason: str, section: str, speaks: str) -> str:
    if "ALERT" in reason or "CERTIFICATE_REQUIRED" in reason:
        if "EXPIRED" in reason:
            return f"it says that our certificate has expired ({section}.cert_file)"
        if "REQUIRED" in reason:
            return f"it asks for a certificate ({section}.cert_file)"
        if any(each in reason for each in UNTRUSTED):
            return f"it does not take our certificate, or asks for one ({section}.cert_file)"
    return f"it does not speak TLS there ({speaks})" if reason in OF_NO_TLS else ""
