"""Laws of the dashboards: colours rise as Grafana wants them, and panels never lie on each other."""

from itertools import pairwise

from grafana_foundation_sdk.models.dashboard import Panel
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from callpulse.monitoring.dashboards.board import WIDTH, Shelf, placed
from callpulse.monitoring.dashboards.levels import levels_of
from callpulse.settings import Settings
from callpulse.settings.tables import QueueSettings
from tests.monitoring.board_rules import no_overlap

SECONDS = st.integers(1, 600).map(lambda seconds: f"{seconds}s")


@given(st.floats(0.01, 0.99), st.integers(0, 7200), SECONDS, SECONDS, st.booleans())
def test_levels_rise_from_the_lowest(target: float, t: int, no_data: str, blind: str, with_rules: bool) -> None:
    alerts = replace(Settings().alerts, no_data_after=no_data, blind_after=blind, default_rules=with_rules)
    judged = QueueSettings(target=target, threshold_s=t)
    for steps in levels_of(replace(Settings(), alerts=alerts, queue_defaults=judged)):
        first, *others = (step.value for step in steps)
        assert first is None
        assert None not in others
        assert all(a is not None and b is not None and a < b for a, b in pairwise(others))


@st.composite
def shelves(draw: st.DrawFn) -> list[Shelf]:
    widths, titles = st.sampled_from([[24], [12, 12], [8, 8, 8], [5, 7, 12]]), st.sampled_from(["", "A"])
    heights = draw(st.lists(st.integers(1, 12), max_size=6))
    return [Shelf(high, [(Panel(title=""), wide) for wide in draw(widths)], draw(titles)) for high in heights]


@given(shelves())
def test_panels_lie_beside_each_other_and_are_numbered_from_the_top(of: list[Shelf]) -> None:
    found = placed(of)
    places = [{"title": "", "gridPos": each.grid_pos.to_json()} for each in found if each.grid_pos]
    assert list(no_overlap({"panels": places})) == []
    assert [each.id_val for each in found] == list(range(1, len(found) + 1))
    area = sum(place["gridPos"]["w"] * place["gridPos"]["h"] for place in places)
    assert area == sum(shelf.height * WIDTH + (WIDTH if shelf.title else 0) for shelf in of)
