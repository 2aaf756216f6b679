"""A recorded log through Kafka, as if it happened now or as fast as it goes."""
