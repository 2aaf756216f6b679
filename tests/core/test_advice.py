"""What one or two agents more would do."""

import math

import pytest

from callpulse.alerts.core.advice import Queue, advise
from callpulse.alerts.core.forecast import Forecaster

FORECASTER = Forecaster(20.0)
ELEVEN = Queue(n=12, agents=11, per_s=100 / 1800, aht_s=180.0, threshold_s=20.0)


def test_two_more_agents_bring_a_queue_back() -> None:
    found = advise(ELEVEN, FORECASTER, 0.8)
    assert found is not None
    assert round(found.now.service_level, 2) == 0.66
    assert round(found.now.abandonment, 3) == 0.070
    assert [option.more for option in found.options] == [1, 2, 3]
    assert round(found.options[1].service_level, 2) == 0.86
    assert round(found.options[1].abandonment, 3) == 0.025
    assert found.needed == 2
    assert found.minutes_left == 0


def test_what_is_needed_is_always_among_the_options() -> None:
    found = advise(ELEVEN._replace(agents=7), FORECASTER, 0.8)
    assert found is not None
    assert found.needed is not None
    assert found.needed > 3
    assert [option.more for option in found.options] == [1, 2, 3, found.needed]
    assert found.options[-1].agents == 7 + found.needed


def test_a_queue_that_does_well_is_told_so() -> None:
    found = advise(ELEVEN._replace(agents=15, n=8), FORECASTER, 0.8)
    assert found is not None
    assert (found.needed, found.minutes_left) == (0, None)


@pytest.mark.parametrize(
    "change",
    [{"per_s": None}, {"aht_s": None}, {"aht_s": 0.0}, {"per_s": 0.0}, {"per_s": math.nan}],
)
@pytest.mark.parametrize("agents", [11, 0])
def test_what_makes_no_sense_gives_no_advice(agents: int, change: dict[str, float | None]) -> None:
    asked = {"agents": agents, **change}
    assert advise(ELEVEN._replace(**asked), FORECASTER, 0.8) is None  # type: ignore[arg-type]


def test_where_nobody_is_there_it_says_how_many_it_takes() -> None:
    found, all_back = (advise(ELEVEN._replace(agents=agents), FORECASTER, 0.8) for agents in (0, 13))
    assert found is not None
    assert (found.now.service_level, found.now.abandonment, found.needed) == (0.0, 1.0, 13)
    assert all_back is not None
    assert found.options[-1] == all_back.now._replace(more=13)
