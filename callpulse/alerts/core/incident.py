"""One trouble from its onset to its end, as people are told of it: what has been told, how bad it was, who took it.

While something holds it back (a mute, trouble of the whole site), nothing is told; when that ends and it still lasts,
it is told then. Who was told of a trouble is told of its end, whatever holds back by then.
"""

from msgspec import Struct
from msgspec.structs import replace

from callpulse.alerts.core.joining import Joined
from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.notice import Acknowledgement, Kind, notice_id


class Incident(Struct, frozen=True, kw_only=True):
    """`rule`, `kpi` and `cause` are those of its onset and stay. `told`: the severity that was told last, NONE before
    anything was. `worst` in the unit of the KPI; `hurt`: contacts not served as promised since the onset.
    `channels`: who has been told of it, and hears how it goes on."""

    id: str
    rule: str
    kpi: str
    cause: str
    onset_ms: int
    joined: Joined
    told: Severity = Severity.NONE
    told_ms: int = 0
    worst: float | None = None
    hurt: int = 0
    acknowledged: Acknowledgement | None = None
    channels: tuple[str, ...] = ()


def begun(rule: str, kpi: str, cause: str, place: str, joined: Joined) -> Incident:
    """A trouble nobody has been told of yet. `place`: its queue, or what else it is about."""
    return Incident(
        id=notice_id(rule, place, joined.onset_ms),
        rule=rule,
        kpi=kpi,
        cause=cause,
        onset_ms=joined.onset_ms,
        joined=joined,
    )


def seen(incident: Incident, value: float | None, side: str, harmed: int) -> Incident:
    """With what is seen now: the worst so far, and so many more harmed."""
    known = [each for each in (incident.worst, value) if each is not None]
    worst = None if not known else min(known) if side == "below" else max(known)
    return replace(incident, worst=worst, hurt=incident.hurt + harmed)


def followed(
    incident: Incident, joined: Joined | None, now_ms: int, repeat_ms: int, *, held_back: bool
) -> tuple[Incident | None, Kind | None]:
    """The trouble after this moment, None where it is over, and what there is to tell."""
    if joined is None:
        return None, "resolved" if incident.told else None
    incident = replace(incident, joined=joined)
    kind = None if held_back else _news(incident, now_ms, repeat_ms)
    if kind is None:
        return incident, None
    return replace(incident, told=joined.severity, told_ms=now_ms), kind


def _news(incident: Incident, now_ms: int, repeat_ms: int) -> Kind | None:
    severity = incident.joined.severity
    if not incident.told:
        return "firing"
    if severity != incident.told:
        return "escalated" if severity > incident.told else "de_escalated"
    if incident.acknowledged is None and repeat_ms and now_ms - incident.told_ms >= repeat_ms:
        return "repeat"
    return None
