"""What is wrong with the way to Kafka beyond what types can say."""

from collections.abc import Iterator

from callpulse.settings.fault import Fault, fault_at
from callpulse.settings.tables import Settings


def kafka_faults(settings: Settings) -> Iterator[Fault]:
    """All of them."""
    kafka = settings.kafka
    if "SASL" not in kafka.security_protocol:
        return
    for key in ("username", "password"):
        if not getattr(kafka, key):
            said = f": missing; security_protocol = {kafka.security_protocol!r} asks for username and password"
            yield fault_at(("kafka", key), said, (("kafka", "security_protocol"),))
