"""Why Kafka does not let us in, in words that name the setting to look at. Pure."""

import re

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

from callpulse.edges.why import causes, of_tls

NO_RIGHT = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)


def why(error: BaseException | None) -> str:
    """`it refuses …`, or "" where the error, and what caused it, says nothing that we know."""
    return next(filter(None, map(_said, causes(error))), "")


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
    return of_tls(error, "kafka", "kafka.brokers", "kafka.security_protocol")


def _names(error: BaseException) -> str:
    """Of what the right is missing on; aiokafka gives a name, or a set of them."""
    found = error.args[0] if error.args else "that is asked for"
    if isinstance(found, set | frozenset | list | tuple):
        return ", ".join(sorted(found))
    created = re.match(r"Cannot create topic: (\S+)", str(found))
    return f"{created[1]} (Create)" if created else str(found)
