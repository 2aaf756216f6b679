"""What is wrong with the way to Kafka beyond what types can say."""

from collections.abc import Iterator

from callpulse.settings.fault import Fault, fault_at
from callpulse.settings.tables import Settings

PROTOCOL = ("kafka", "security_protocol")
OF_LOGIN, OF_TLS = ("username", "password"), ("ca_file", "cert_file", "key_file", "key_password")


def kafka_faults(settings: Settings) -> Iterator[Fault]:
    """All of them."""
    kafka = settings.kafka
    protocol = f"security_protocol = {kafka.security_protocol!r}"
    for key in OF_LOGIN:
        if "SASL" in kafka.security_protocol and not getattr(kafka, key):
            yield fault_at(("kafka", key), f": missing; {protocol} asks for username and password", (PROTOCOL,))
    for key in OF_TLS if "SSL" not in kafka.security_protocol else ():
        if getattr(kafka, key):
            yield fault_at(("kafka", key), f": not used with {protocol}; expected SSL or SASL_SSL", (PROTOCOL,))
    if (kafka.key_file or kafka.key_password) and not kafka.cert_file:
        yield fault_at(("kafka", "cert_file"), ": missing; expected the certificate of the key that is given")
