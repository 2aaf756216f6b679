"""Benchmarks: `python -m bench` runs all, `python -m bench.NAME` one. The last line of each is one JSON object."""
