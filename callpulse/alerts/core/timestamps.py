"""Times as other systems write them."""

from datetime import UTC, datetime


def rfc3339(at_ms: int) -> str:
    """`2026-03-01T09:00:20.000Z`."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
