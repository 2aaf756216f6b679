"""What Prometheus is told about the queues and about the worker itself."""
