"""Events as a broken source would send them: everything that may go wrong does, within seconds or within an hour."""

from typing import Any

from hypothesis import strategies as st

from callpulse.stream.core import events as ev

AGENTS = st.sampled_from([None, None, "7", "8"])
GRID_MS = 500
START = 1_000_000_000_000  # where a pane begins
EDGES_S = (0, 0.5, 1, 9.5, 10, 20, 60, 100, 599, 600, 799, 800, 801, 1700, 2400, 2999)

Moments = st.SearchStrategy[int]


def moments(span_ms: int) -> Moments:
    """On a coarse grid, so that they meet, and some a hair beside it."""
    hair = st.sampled_from([0, 0, 0, 1, -1])
    return st.builds(lambda step, off: START + step * GRID_MS + off, st.integers(0, span_ms // GRID_MS), hair)


# within an hour, most of them beside the edge of a pane, a cell or an interval
WITHIN_AN_HOUR: Moments = st.one_of(moments(4_000), st.sampled_from(EDGES_S).map(lambda s: START + round(s * 1000)))


def seconds(most: int) -> st.SearchStrategy[float | None]:
    return st.none() | st.integers(0, most * 2).map(lambda half: half / 2)


@st.composite
def outcomes(draw: st.DrawFn, at: Moments, contact: st.SearchStrategy[str], queue: st.SearchStrategy[str]) -> ev.Call:
    happened = draw(at)
    stated: dict[str, Any] = {"at": happened, "queue": draw(queue), "contact_id": draw(contact)}
    if draw(st.booleans()):
        stated["wait_s"] = draw(seconds(8))
    if draw(st.integers(0, 3)) == 0:
        entered = draw(at)
        stated["enqueued_at"] = entered if entered <= happened else None
    kind = draw(st.sampled_from([ev.Connected, ev.Connected, ev.Abandoned, ev.Exited]))
    if kind is ev.Connected:
        stated["agent"] = draw(AGENTS)
    if kind is ev.Exited:
        stated["cause"] = draw(st.sampled_from(["timeout", "full", "smoke"]))
    return kind(**stated)  # type: ignore[no-any-return]


def calls(
    at: Moments, contacts: tuple[str, ...] = ("c",), queues: tuple[str, ...] = ("q",)
) -> st.SearchStrategy[ev.Call]:
    """Events of visits."""
    contact, queue = st.sampled_from(contacts), st.sampled_from(queues)
    place: dict[str, Any] = {"at": at, "queue": queue, "contact_id": contact}
    before_s, priority = st.sampled_from([None, None, 0.0, 3.5]), st.sampled_from([None, 1])
    arrived = st.builds(ev.Enqueued, **place, ivr_s=before_s, priority=priority)
    outcome = outcomes(at, contact, queue)
    by = st.sampled_from([None, "customer", "transfer"])
    return st.one_of(
        arrived,
        arrived,
        outcome,
        outcome,
        st.builds(ev.Lost, **place, why=st.sampled_from(["age", "restart", "moon"])),
        st.builds(ev.Held, **place, agent=AGENTS),
        st.builds(ev.Resumed, **place, agent=AGENTS),
        st.builds(ev.Ended, **place, agent=AGENTS, talk_s=seconds(8), hold_s=seconds(2), by=by),
        st.builds(ev.WrappedUp, **place, agent=AGENTS, wrap_up_s=seconds(4)),
        st.builds(ev.NotOffered, **place, why=st.sampled_from(["menu", "full", "rain"]), ivr_s=before_s),
    )


@st.composite
def journeys(draw: st.DrawFn, at: Moments, contacts: tuple[str, ...] = ("c",), queues: tuple[str, ...] = ("q",)) -> Any:
    """One visit as it should be told: entered, answered or not, held, ended, wrapped up; some of it may be missing."""
    place: dict[str, Any] = {"queue": draw(st.sampled_from(queues)), "contact_id": draw(st.sampled_from(contacts))}
    steps = st.integers(0, 4).map(lambda half: half * GRID_MS)
    entered = draw(at)
    events: list[Any] = [ev.Enqueued(at=entered, ivr_s=draw(st.sampled_from([None, 2.0])), **place)]
    left = entered + draw(steps)
    stated: dict[str, Any] = {"wait_s": (left - entered) / 1000} if draw(st.booleans()) else {}
    kind: Any = draw(st.sampled_from([*[ev.Connected] * 3, ev.Abandoned, ev.Exited, None]))
    if kind is not None:
        agent: dict[str, Any] = {"agent": draw(AGENTS)} if kind is ev.Connected else {}
        events.append(kind(at=left, **agent, **stated, **place))
    if kind is ev.Connected:
        events += draw(st.lists(service(left, steps, place), max_size=4))
    return [event for event in events if draw(st.integers(0, 9))]


@st.composite
def service(draw: st.DrawFn, answered: int, steps: st.SearchStrategy[int], place: dict[str, Any]) -> Any:
    kind: Any = draw(st.sampled_from([ev.Held, ev.Resumed, ev.Ended, ev.Ended, ev.WrappedUp]))
    return kind(at=answered + draw(steps), agent=draw(AGENTS), **place)


def told(at: Moments, most: int = 3) -> st.SearchStrategy[list[ev.Call]]:
    """A few visits of one contact, each as it should be told, that run into each other."""
    return st.lists(journeys(at), min_size=1, max_size=most).map(lambda many: [e for one in many for e in one])


def feeds(most: int = 14) -> st.SearchStrategy[list[ev.Call]]:
    """What one partition carries: two queues, three contacts, an hour."""
    contacts, queues = ("1", "2", "3"), ("sales", "help")
    astray = st.lists(calls(WITHIN_AN_HOUR, contacts, queues), min_size=1, max_size=most)
    sound = st.lists(journeys(WITHIN_AN_HOUR, contacts, queues), min_size=1, max_size=most // 3)
    return astray | sound.map(lambda many: [e for one in many for e in one]).filter(bool)
