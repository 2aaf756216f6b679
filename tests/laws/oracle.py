"""A second reading of docs/KPIS.md, "From events to visits": slow, from the text alone, and of events, not of stored
facts. Nothing here calls the code that it judges, but for the canonical bytes that break ties."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from callpulse.stream.core import events as ev
from callpulse.stream.core.facts import FACT_OF, canonical

SECOND = 1000
Call = Any  # an event of a visit
RANK: list[Any] = [ev.Connected, ev.Abandoned, ev.Exited, ev.Lost]  # answered > abandoned > exited > lost
CAUSES = ("timeout", "empty", "key", "callback", "transfer", "voicemail", "closed", "full")
WHYS = ("age", "snapshot", "restart")


@dataclass(eq=False)
class Told:
    """One visit and the events that belong to it."""

    arrival: int
    entered: list[ev.Enqueued] = field(default_factory=list)
    outcomes: list[Call] = field(default_factory=list)
    service: list[Call] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return not self.outcomes

    @property
    def decided(self) -> Call:
        """Outcome, if facts disagree."""
        return min(self.outcomes, key=lambda e: (RANK.index(type(e)), e.at, told_bytes(e)))


@dataclass(frozen=True)
class Read:
    """One visit as the text has it; `kind` is the class of the outcome, None while the contact waits."""

    arrival: int
    ivr: int | None
    kind: type | None = None
    at: int = -1
    wait: int = -1
    word: str | None = None
    ended_at: int | None = None
    talk: int = 0
    hold: int = 0
    wrap_up: int = 0
    transferred: bool = False


@dataclass(frozen=True)
class Story:
    visits: list[Read]
    not_offered: list[tuple[int, str]]
    unmatched: list[int]


def told_bytes(event: Call) -> bytes:
    return canonical(FACT_OF[type(event)](event))


def millis(seconds: float | None) -> int:
    assert seconds is not None
    return round(seconds * SECOND)


def stated_arrival(event: Call) -> Any:  # int | None
    if isinstance(event, ev.Lost):
        return None
    if event.enqueued_at is not None:
        return event.enqueued_at
    return None if event.wait_s is None else event.at - millis(event.wait_s)


def story(events: Iterable[Call]) -> Story:
    """What a set of events of one contact in one queue says."""
    once = {told_bytes(e): e for e in events}
    ordered = [once[key] for key in sorted(once)]
    entered = [e for e in ordered if isinstance(e, ev.Enqueued)]
    outcomes = [e for e in ordered if type(e) in RANK]
    visits, unmatched = follow(entered, outcomes)
    for event in sorted(ordered, key=lambda e: e.at):
        if isinstance(event, ev.Held | ev.Resumed | ev.Ended | ev.WrappedUp):
            serve(visits, event)
    refused = sorted(
        (e.at, word(e.why, ("menu", "full", "closed", "phantom", "outbound")))
        for e in ordered
        if isinstance(e, ev.NotOffered)
    )
    return Story([read(visit) for visit in visits], refused, sorted(unmatched))


def word(said: str, known: tuple[str, ...]) -> str:
    return said if said in known else "other"


def follow(entered: list[ev.Enqueued], outcomes: list[Call]) -> tuple[list[Told], list[int]]:
    """Walk through time, moment by moment: outcomes of the visit that is open, arrivals, the other outcomes."""
    implied = [stated_arrival(o) for o in outcomes if stated_arrival(o) is not None and not close_to(entered, o)]
    due = {id(o): max([o.at, *nearest_entered(entered, o)]) for o in outcomes}
    visits: list[Told] = []
    unmatched: list[int] = []
    for now in sorted({e.at for e in entered} | set(implied) | set(due.values())):
        arriving = [e for e in entered if e.at == now]
        something_arrives = bool(arriving) or now in implied
        here = [o for o in outcomes if due[id(o)] == now]
        current = visits[-1] if visits and visits[-1].open else None
        first = [o for o in here if current and (not something_arrives or of_the_open_one(o, current, now))]
        for outcome in first:
            belong(visits, outcome, unmatched)
        if now in implied:
            arrive(visits, now, None)
        for event in arriving:
            arrive(visits, now, event)
        for outcome in [o for o in here if o not in first]:
            belong(visits, outcome, unmatched)
    return visits, unmatched


def close_to(entered: list[ev.Enqueued], outcome: Call) -> list[ev.Enqueued]:
    stated = stated_arrival(outcome)
    return [] if stated is None else [e for e in entered if -SECOND <= e.at - stated <= SECOND]


def nearest_entered(entered: list[ev.Enqueued], outcome: Call) -> list[int]:
    """The arrival whose visit this outcome states: it cannot end before it began, whatever the clocks say."""
    stated = stated_arrival(outcome)
    candidates = sorted((abs(e.at - stated), e.at) for e in close_to(entered, outcome))
    return [at for _, at in candidates[:1]]


def of_the_open_one(outcome: Call, current: Told, now: int) -> bool:
    """Someone arrives at the very moment of this outcome: it is the open visit's unless it states an arrival that is
    nearer to that newcomer's."""
    stated = stated_arrival(outcome)
    if stated is None:
        return True
    to_newcomer, to_current = abs(stated - now), abs(stated - current.arrival)
    return bool(to_newcomer > SECOND or to_current <= to_newcomer)


def arrive(visits: list[Told], now: int, event: ev.Enqueued | None) -> None:
    if visits and visits[-1].open:  # overlapping waits are one visit
        if event is not None:
            if not visits[-1].entered:
                visits[-1].arrival = now  # enqueued.at before a stated arrival
            visits[-1].entered.append(event)
    elif event is not None:
        visits.append(Told(now, [event]))
    elif all(abs(v.arrival - now) > SECOND for v in visits):
        visits.append(Told(now))


def belong(visits: list[Told], outcome: Call, unmatched: list[int]) -> None:
    stated = stated_arrival(outcome)
    if stated is not None:
        near = [v for v in visits if abs(v.arrival - stated) <= SECOND]
        if near:
            best = min(abs(v.arrival - stated) for v in near)
            earliest = min(v.arrival for v in near if abs(v.arrival - stated) == best)
            [v for v in near if v.arrival == earliest][-1].outcomes.append(outcome)
            return
    if visits:
        visits[-1].outcomes.append(outcome)  # the open visit, or else the last one there was
    else:
        unmatched.append(outcome.at)


def serve(visits: list[Told], event: Call) -> None:
    """The latest visit answered at or before it, by that agent if named (an unnamed agent may be anyone)."""
    possible = []
    for place, visit in enumerate(visits):
        if visit.open or not isinstance(visit.decided, ev.Connected) or visit.decided.at > event.at:
            continue
        by = visit.decided.agent
        if event.agent is None or by is None or by == event.agent:
            possible.append((visit.decided.at, place))
    if possible:
        visits[max(possible)[1]].service.append(event)


def read(visit: Told) -> Read:
    known = [e for e in sorted(visit.entered, key=lambda e: (e.at, told_bytes(e))) if e.ivr_s is not None]
    ivr = millis(known[0].ivr_s) if known else None
    if visit.open:
        return Read(visit.arrival, ivr)
    decided = visit.decided
    stated = None if isinstance(decided, ev.Lost) else decided.wait_s
    wait = max(0, decided.at - visit.arrival) if stated is None else millis(stated)
    said = None
    if isinstance(decided, ev.Exited):
        said = word(decided.cause, CAUSES)
    elif isinstance(decided, ev.Lost):
        said = word(decided.why, WHYS)
    basis = (visit.arrival, ivr, type(decided), decided.at, wait, said)
    conversations = [e for e in visit.service if isinstance(e, ev.Ended)]
    if not isinstance(decided, ev.Connected) or not conversations:
        return Read(*basis)
    return Read(*basis, *handling(visit, decided.at, conversations))


def handling(visit: Told, answered_at: int, conversations: list[ev.Ended]) -> tuple[int, int, int, int, bool]:
    lengths = []
    for ended in conversations:
        hold = on_hold(visit.service, ended.at) if ended.hold_s is None else millis(ended.hold_s)
        talk = max(0, ended.at - answered_at - hold) if ended.talk_s is None else millis(ended.talk_s)
        lengths.append((-talk, ended.at, told_bytes(ended), hold, ended))
    longest = min(lengths, key=lambda found: found[:3])
    ended = longest[4]
    after = [e for e in visit.service if isinstance(e, ev.WrappedUp)]
    wraps = [max(0, e.at - ended.at) if e.wrap_up_s is None else millis(e.wrap_up_s) for e in after]
    return ended.at, -longest[0], longest[3], max([0, *wraps]), ended.by == "transfer"


def on_hold(service: list[Call], until: int) -> int:
    """Milliseconds on hold before `until`, second by second as it were: held counts until resumed."""
    changes = sorted((e.at, isinstance(e, ev.Resumed)) for e in service if isinstance(e, ev.Held | ev.Resumed))
    held, total, since = False, 0, 0
    for at, resumed in [*changes, (until, True)]:
        moment = min(at, until)
        if held:
            total += moment - since
        held, since = not resumed, moment
    return total


Booking = tuple[int, int, tuple[object, ...], int]  # (arrival of the visit, time of the fact, what, how much)


def bookings(told: Story) -> list[Booking]:
    """What one contact adds: each fact at its own time, under the arrival of its visit."""
    found: list[Booking] = []
    for visit in told.visits:
        found.append((visit.arrival, visit.arrival, ("offered",), 1))
        if visit.kind is not None:
            found += [(visit.arrival, visit.at, what, much) for what, much in outcome_booked(visit)]
        if visit.ended_at is not None:
            found += [(visit.arrival, visit.ended_at, what, much) for what, much in handling_booked(visit)]
    for at, why in told.not_offered:
        found += [(at, at, ("not_offered",), 1), (at, at, ("not_offered", why), 1)]
    found += [(at, at, ("unmatched",), 1) for at in told.unmatched]
    return [booking for booking in found if booking[3]]


def of_totals_alone(what: tuple[object, ...]) -> bool:
    """How long conversations lasted, bin by bin, is in no window."""
    return what[:2] == ("handled", "lasted")


def outcome_booked(visit: Read) -> list[tuple[tuple[object, ...], int]]:
    kind = visit.kind
    found: list[tuple[tuple[object, ...], int]] = [
        ((kind,), 1),
        ((kind, "ms"), visit.wait),
        ((kind, "ms squared"), visit.wait**2),
        ((kind, "lasted", whole_or_between(visit.wait)), 1),
    ]
    if visit.word is not None:
        found.append(((kind, visit.word), 1))
    if kind is ev.Connected and visit.ivr is not None:
        found += [(("customer",), 1), (("customer", "ms"), visit.ivr + visit.wait)]
    return found


def handling_booked(visit: Read) -> list[tuple[tuple[object, ...], int]]:
    whole = visit.talk + visit.hold + visit.wrap_up
    return [
        (("handled",), 1),
        (("transferred",), int(visit.transferred)),
        (("talk",), visit.talk),
        (("hold",), visit.hold),
        (("wrap-up",), visit.wrap_up),
        (("handled", "ms squared"), whole**2),
        (("handled", "lasted", whole_or_between(whole)), 1),
    ]


def whole_or_between(ms: int) -> float:
    """A bin for each exact whole second, and one for each open second between."""
    return ms / SECOND if ms % SECOND == 0 else ms // SECOND + 0.5
