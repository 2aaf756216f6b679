"""Agents by state: how many, how long the longest, and those of whom an alert speaks. Pure."""

from collections.abc import Callable

from callpulse.board import figures
from callpulse.board.row import SEVERITY_STATES, UNKNOWN
from callpulse.board.view import BoardState
from callpulse.board.words import AGENTS, Language
from callpulse.current.alerts import Alert
from callpulse.current.fields import AGENT_STATES
from callpulse.current.parts import Parts
from callpulse.wallboard.shown import Cell, People, PeopleIn
from callpulse.wallboard.words import LANGUAGES

LONGEST = "max"  # in either language
NAMED_BY = "agents_missing"  # the cause of an alert that speaks of who is not ready


def longest_since(parts: Parts, state: BoardState) -> dict[str, int]:
    """State -> since when who is longest in it is so (ms), of the agents of the queues that are known."""
    known = [row.name for row in state.rows if row.state not in UNKNOWN]
    found: dict[str, int] = {}
    for name in known:
        for agent in parts.agents.get(name, ()):
            found[agent.state] = min(found.get(agent.state, agent.since_ms), agent.since_ms)
    return found


def people(state: BoardState, since: dict[str, int], holds: Callable[[str], bool], language: Language) -> People:
    """Of the total."""
    total, words = state.total, LANGUAGES[language]
    known = {each: total.agents[each] for each in AGENT_STATES if each in total.agents}
    if total.state in UNKNOWN or not known:
        return People(title=words.agents, none=words.no_agents)
    named = _named(state, holds)
    return People(
        title=words.agents,
        signed_in=words.signed_in.format(count=figures.count(sum(known.values()))),
        occupancy="" if total.occupancy is None else f"{words.occupancy} {figures.level(total.occupancy)} %",
        states=tuple(
            _people_in(each, int(count), named if each == "not_ready" else None, since.get(each), state, language)
            for each, count in known.items()
        ),
    )


def _people_in(
    each: str, count: int, named: Alert | None, since_ms: int | None, state: BoardState, language: Language
) -> PeopleIn:
    longest = _longest(since_ms, state) if count else None
    return PeopleIn(
        state=each,
        word=AGENTS[language][each],
        count=count,
        note=figures.printable(named.queue) if named else LONGEST if longest else "",
        longest=longest,
        tone=SEVERITY_STATES[named.severity] if named else "",
    )


def _named(state: BoardState, holds: Callable[[str], bool]) -> Alert | None:
    """The worst alert that says that agents are missing."""
    standing = [] if state.alerts is None else state.alerts.standing
    return next((each for each in standing if each.cause == NAMED_BY and each.queue and holds(each.queue)), None)


def _longest(since_ms: int | None, state: BoardState) -> Cell | None:
    """Counts on in the page for as long as the data is fresh."""
    if since_ms is None or state.at_ms is None:
        return None
    text = figures.duration(max(0, state.at_ms - since_ms) // 1000)
    return Cell(text, start_ms=None if state.total.stale else since_ms)
