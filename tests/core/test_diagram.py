"""The diagram in the documents is the table in the code."""

from pathlib import Path

import pytest

from callpulse.stream.core.diagram import BEGIN, block, mermaid
from callpulse.stream.core.facts import ABANDONED, ANSWERED
from callpulse.stream.core.life_cycle import LIFE_CYCLE, State

DOCUMENT = Path(__file__).parents[2] / "docs" / "KPIS.md"


def test_a_table_is_drawn_with_one_arrow_for_each_pair_of_states() -> None:
    table = {State.NONE: {ANSWERED: State.ANSWERED, ABANDONED: State.ANSWERED}, State.ANSWERED: {}}
    assert mermaid(table) == "stateDiagram-v2\n    [*] --> answered: connected, abandoned"


def test_every_state_and_every_move_is_in_the_diagram() -> None:
    drawn = mermaid().splitlines()[1:]
    assert len(drawn) == sum(len(set(moves.values())) for moves in LIFE_CYCLE.values())
    assert all(any(state.value in line for line in drawn) for state in State if state is not State.NONE)


def test_the_block_can_be_found_by_its_markers() -> None:
    assert block({State.NONE: {}}).splitlines() == [BEGIN, "```mermaid", "stateDiagram-v2", "```", "<!-- end -->"]


def test_the_document_shows_the_diagram_of_the_table() -> None:
    if not DOCUMENT.exists():
        pytest.skip("docs/KPIS.md is not there")
    assert block() in DOCUMENT.read_text(encoding="utf-8"), (
        f"write this block there (it begins with {BEGIN}):\n{block()}"
    )
