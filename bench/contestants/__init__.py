"""What throughput compares, each in a process of its own: `python -m bench.contestants.NAME JOB`, JSON in and out."""
