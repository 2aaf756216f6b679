"""How sure a share is that was seen in few contacts: Wilson's bounds.

Waits are correlated, so a bound is smaller evidence than its name says (alerts need a second window, or time); it never
blinds a small queue as a fixed minimum does. Source: Wilson 1927; reference values in tests/core/test_evidence.py.
"""

import math

ONE_SIDED_95 = 1.6448536269514722


def upper(share: float, n: float, z: float = ONE_SIDED_95) -> float:
    """The largest true share that is believable after `share` was seen in `n` > 0 contacts."""
    centre, spread = _interval(share, n, z)
    return min(1.0, centre + spread)


def lower(share: float, n: float, z: float = ONE_SIDED_95) -> float:
    """The smallest."""
    centre, spread = _interval(share, n, z)
    return max(0.0, centre - spread)


def _interval(share: float, n: float, z: float) -> tuple[float, float]:
    z2 = z * z
    spread = z * math.sqrt(max(share * (1 - share), 0.0) / n + z2 / (4 * n * n))
    return (share + z2 / (2 * n)) / (1 + z2 / n), spread / (1 + z2 / n)
