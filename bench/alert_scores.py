"""How well a rule did: onsets in healthy hours, minutes until a trouble is noticed, alerts per trouble."""

import math
from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from typing import Any, NamedTuple

from bench.alert_panes import PANE_S, Panes
from bench.alert_queue import HOUR_S, Trouble

AROUND_S = 15 * 60.0
AFTERWARDS_S = 10 * 60.0
HEALTHY = 0.8


class Health(NamedTuple):
    """Of healthy hours. `strict` counts every onset, `fair` those with a healthy half hour around them."""

    strict_per_8h: float
    fair_per_8h: float
    firing: float  # share of the time


class Noticing(NamedTuple):
    """Of troubles that began while nothing was firing; infinite = not noticed while it lasted."""

    troubles: int
    median_min: float
    p90_min: float
    noticed: float | None  # share
    alerts: float | None  # per trouble noticed, until ten minutes after its end


def health(on: Sequence[int], panes: Panes) -> Health:
    eights = len(on) * PANE_S / HOUR_S / 8
    began, arrived, good = onsets(on), _sums(panes.arrivals), _sums(panes.good)
    around = int(AROUND_S / PANE_S)

    def deserved(pane: int) -> bool:
        first, last = max(0, pane - around), min(len(on), pane + around)
        return good[last] - good[first] < HEALTHY * (arrived[last] - arrived[first])

    fair = sum(not deserved(pane) for pane in began)
    return Health(len(began) / eights, fair / eights, sum(on) / len(on))


def noticing(on: Sequence[int], troubles: Sequence[Trouble]) -> Noticing:
    took_min, alerts = [], []
    for trouble in troubles:
        first, last = math.ceil(trouble.begins_s / PANE_S), math.ceil(trouble.ends_s / PANE_S)
        if on[first - 2]:
            continue
        noticed = next((pane for pane in range(first - 1, last) if on[pane]), None)
        took_min.append(math.inf if noticed is None else ((noticed + 1) * PANE_S - trouble.begins_s) / 60)
        if noticed is not None:
            alerts.append(len(onsets(on[first - 2 : last + int(AFTERWARDS_S / PANE_S)])))
    took_min.sort()
    return Noticing(
        troubles=len(took_min),
        median_min=median(took_min) if took_min else math.inf,
        p90_min=took_min[math.ceil(0.9 * len(took_min)) - 1] if took_min else math.inf,
        noticed=len(alerts) / len(took_min) if took_min else None,
        alerts=sum(alerts) / len(alerts) if alerts else None,
    )


def onsets(on: Sequence[int]) -> list[int]:
    """Where it begins to be on; being so from the start is no onset."""
    return [place for place in range(1, len(on)) if on[place] and not on[place - 1]]


def told(healthy: Health, found: dict[str, Noticing]) -> dict[str, Any]:
    """For JSON: infinite minutes are null."""
    staff = found["staff"]
    return {
        "onsets_per_8h": round(healthy.strict_per_8h, 3),
        "median_detection_min": _minutes(staff.median_min),
        "noticed": _share(staff.noticed),
        "alerts_per_trouble": _share(staff.alerts),
        "p90_detection_min": _minutes(staff.p90_min),
        "fair_onsets_per_8h": round(healthy.fair_per_8h, 3),
        "firing": round(healthy.firing, 4),
        **{
            kind: {"median_detection_min": _minutes(each.median_min), "noticed": _share(each.noticed)}
            for kind, each in found.items()
            if kind != "staff"
        },
    }


def _minutes(found: float) -> float | None:
    return None if math.isinf(found) else round(found, 2)


def _share(found: float | None) -> float | None:
    return None if found is None else round(found, 4)


def _sums(counts: Sequence[int]) -> list[int]:
    return list(accumulate(counts, initial=0))
