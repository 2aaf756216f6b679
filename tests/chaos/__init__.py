"""Disturbances by a seed against real workers on Apache Kafka, and every cell compared with the truth: `make chaos`."""
