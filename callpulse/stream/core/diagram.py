"""The life cycle of a visit as a Mermaid diagram, drawn from its table."""

from collections.abc import Mapping

from callpulse.stream.core import facts
from callpulse.stream.core.life_cycle import LIFE_CYCLE, State

BEGIN, END = "<!-- life cycle: generated -->", "<!-- end -->"
_EVENT = {
    facts.ENQUEUED: "enqueued",
    facts.ANSWERED: "connected",
    facts.ABANDONED: "abandoned",
    facts.EXITED: "exited",
    facts.LOST: "lost",
    facts.ENDED: "ended",
}


def mermaid(table: Mapping[State, Mapping[int, State]] = LIFE_CYCLE) -> str:
    """One arrow for each pair of states, labelled with the events that lead from the one to the other."""
    lines = ["stateDiagram-v2"]
    for before, moves in table.items():
        for after in dict.fromkeys(moves.values()):
            events = ", ".join(_EVENT[kind] for kind, state in moves.items() if state is after)
            lines.append(f"    {_node(before)} --> {_node(after)}: {events}")
    return "\n".join(lines)


def block(table: Mapping[State, Mapping[int, State]] = LIFE_CYCLE) -> str:
    """The diagram as it stands in docs/ARCHITECTURE.md, its markers included."""
    return f"{BEGIN}\n```mermaid\n{mermaid(table)}\n```\n{END}"


def _node(state: State) -> str:
    return "[*]" if state is State.NONE else state.value
