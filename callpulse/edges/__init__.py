"""Who comes in, and how we come in: certificates, listening, the door of /metrics, rights in Kafka and Redis."""
