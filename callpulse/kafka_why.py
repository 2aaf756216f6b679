"""Why Kafka does not let us in, in words that name the setting to look at. Pure."""

import re
import ssl
from collections.abc import Iterator

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

NO_RIGHT = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)
EXPIRED, OTHER_NAMES = 10, (62, 64)  # of X.509 verification: a name, an address
OF_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
UNTRUSTED = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE", "UNSUPPORTED_CERTIFICATE")


def why(error: BaseException | None) -> str:
    """`it refuses …`, or "" where the error, and what caused it, says nothing that we know."""
    return next(filter(None, map(_said, _causes(error))), "")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _said(error: BaseException) -> str:
    if isinstance(error, SaslAuthenticationFailed):
        return "it refuses the user or the password (kafka.username, kafka.password)"
    if isinstance(error, UnsupportedSaslMechanismError):
        return "it does not take this way to log in (kafka.sasl_mechanism)"
    if isinstance(error, TopicAuthorizationFailedError):
        return f"this user lacks a right on topic {_names(error)}"
    if isinstance(error, GroupAuthorizationFailedError):
        return f"this user lacks Read on group {_names(error)}"
    if isinstance(error, ClusterAuthorizationFailedError):
        return "this user lacks a right on the cluster, or, where it sends events, Write on their topics"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_its_certificate(error)
    return _of_tls(error.reason or "") if isinstance(error, ssl.SSLError) else ""


def _names(error: BaseException) -> str:
    """Of what the right is missing on; aiokafka gives a name, or a set of them."""
    found = error.args[0] if error.args else "that is asked for"
    if isinstance(found, set | frozenset | list | tuple):
        return ", ".join(sorted(found))
    created = re.match(r"Cannot create topic: (\S+)", str(found))
    return f"{created[1]} (Create)" if created else str(found)


def _of_its_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == EXPIRED:
        return "its certificate has expired"
    if error.verify_code in OTHER_NAMES:
        return "its certificate is for another name than the one in kafka.brokers"
    return f"its certificate is not one that is trusted here (kafka.ca_file): {error.verify_message}"


def _of_tls(reason: str) -> str:
    if "ALERT" in reason or "CERTIFICATE_REQUIRED" in reason:
        if "EXPIRED" in reason:
            return "it says that our certificate has expired (kafka.cert_file)"
        if "REQUIRED" in reason:
            return "it asks for a certificate (kafka.cert_file)"
        if any(each in reason for each in UNTRUSTED):
            return "it does not take our certificate, or asks for one (kafka.cert_file)"
    return "it does not speak TLS there (kafka.security_protocol)" if reason in OF_NO_TLS else ""
