"""Points in time as people read them."""

from datetime import UTC, datetime


def moment(at_ms: int) -> str:
    """2026-11-21T08:00:12Z; what no calendar has is told as it is."""
    try:
        return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return f"{at_ms} ms"
