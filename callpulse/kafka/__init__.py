"""Coming into Kafka, for everybody: connecting, reading to the end, stopping, rights, and why it does not let us in."""

from callpulse.kafka.connecting import client, credentials, topic

__all__ = ["client", "credentials", "topic"]
