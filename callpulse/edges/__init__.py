"""Who comes in, and how: certificates, listening, the door of /metrics, rights in Kafka and Redis, strangers."""
