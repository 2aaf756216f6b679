"""How every part of callpulse connects to Kafka: the settings in the words of the clients."""

from typing import Any

import faust

from callpulse.edges.tls import Files, client_context
from callpulse.settings import Kafka


def client(kafka: Kafka) -> dict[str, Any]:
    """Keyword arguments for aiokafka's clients. Raises SettingsError for a file that cannot be used."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": kafka.brokers,
        "security_protocol": kafka.security_protocol,
    }
    if "SSL" in kafka.security_protocol:
        arguments["ssl_context"] = _tls(kafka)
    if "SASL" in kafka.security_protocol:
        arguments["sasl_mechanism"] = kafka.sasl_mechanism
        arguments["sasl_plain_username"] = kafka.username
        arguments["sasl_plain_password"] = kafka.password
    return arguments


def credentials(kafka: Kafka) -> Any:
    """The same for Faust, or None."""
    context = _tls(kafka) if "SSL" in kafka.security_protocol else None
    if "SASL" in kafka.security_protocol:
        return faust.SASLCredentials(
            mechanism=kafka.sasl_mechanism, username=kafka.username, password=kafka.password, ssl_context=context
        )
    return None if context is None else faust.SSLCredentials(context)


def topic(kafka: Kafka, short: str) -> str:
    """The full name of a topic."""
    return f"{kafka.prefix}.{short}"


def _tls(kafka: Kafka) -> Any:
    return client_context(Files("kafka", kafka.ca_file, kafka.cert_file, kafka.key_file, kafka.key_password))
