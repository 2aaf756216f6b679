"""A recorded log through the same core, without Kafka: what `callpulse check` prints."""
