"""Recording rules: the truth of the counters, per queue and per site, over some windows.

A worker that takes over a queue goes on with its counters where the former one stood. So the larger of two instances is
the count, and a rate over that series misses nothing of a move and doubles nothing; a rate per instance would lose what
came between two scrapes. What was booked and what was taken back are recorded apart because either only grows, their
difference does not. Counts are added before anything is divided, and where nothing happened there is no value.
"""

from typing import Any

WINDOWS = ("5m", "15m", "30m", "1h", "1d")
OF_QUEUE = ("site", "queue", "channel")
SIDES = ("_total", "_corrected_total")
COUNTERS = {  # metric without its ending -> labels of its own that stay
    "visits_offered": (),
    "visits_answered": (),
    "visits_answered_within_threshold": ("threshold",),
    "visits_abandoned": (),
    "visits_abandoned_short": (),
}

Rule = dict[str, Any]


def groups() -> list[dict[str, Any]]:
    """The groups of the rule file. A day is computed once in five minutes: its rates read a day of samples."""
    return [{"name": "callpulse-counts", "rules": [*counts()]}]


def counts() -> list[Rule]:
    """Counters without the instance."""
    return [
        {"record": f"callpulse:{stem}{side}:max", "expr": f"max by ({_by(own)}) (callpulse_{stem}{side})"}
        for stem, own in COUNTERS.items()
        for side in SIDES
    ]


def _by(own: tuple[str, ...]) -> str:
    return ", ".join((*OF_QUEUE, *own))
