"""Laws of the figures of a queue: in balance (Erlang A) and in the near future."""

import math

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callpulse.alerts.core.erlang import erlang_a, erlang_c
from callpulse.alerts.core.forecast import Forecaster
from tests.core.reference_forecast import forecast

AGENTS = st.integers(1, 60)
AHT_S = st.floats(40, 900)
WORK = st.floats(0.5, 1.6)  # Erlang per agent
FORECASTER = Forecaster(20.0)


@given(AGENTS, AHT_S, WORK, st.floats(-0.5, 0.6))
@settings(max_examples=60)
def test_the_forecast_is_the_reference(agents: int, aht_s: float, work: float, more: float) -> None:
    per_s, n = agents * work / aht_s, round(agents * (1 + more))
    found = FORECASTER.service_level(n, agents, per_s, aht_s)
    assume(found is not None)
    assert found is not None
    assert abs(found - forecast(n, agents, per_s, aht_s, room=160)) <= 0.012


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20), WORK, AHT_S), min_size=1, max_size=6))
@settings(max_examples=20)
def test_what_was_asked_before_changes_no_answer(asked: list[tuple[int, int, float, float]]) -> None:
    n, agents, work, aht_s = asked[-1]
    fresh = Forecaster(20.0)
    for earlier_n, earlier_agents, earlier_work, earlier_aht_s in asked:
        FORECASTER.service_level(
            earlier_n, earlier_agents, earlier_agents * earlier_work / earlier_aht_s, earlier_aht_s
        )
    args = (n, agents, agents * work / aht_s, aht_s)
    assert FORECASTER.service_level(*args) == fresh.service_level(*args)


@given(st.integers(0, 40), AGENTS, WORK, AHT_S)
@settings(max_examples=40)
def test_one_more_agent_never_hurts_and_one_more_contact_never_helps(
    n: int, agents: int, work: float, aht_s: float
) -> None:
    per_s = agents * work / aht_s
    found = FORECASTER.service_level(n, agents, per_s, aht_s)
    better = FORECASTER.service_level(n, agents + 1, per_s, aht_s)
    worse = FORECASTER.service_level(n + 1, agents, per_s, aht_s)
    assume(found is not None)
    assert found is not None
    assert better is not None
    assert worse is not None
    assert 0 <= found <= 1
    assert better >= found - 0.006  # each is interpolated on a grid of its own
    assert worse <= found + 1e-4


@given(st.integers(1, 200), st.floats(0.01, 3), AHT_S, st.floats(5, 3600), st.floats(0, 120))
def test_erlang_a_gives_shares_that_agree(
    agents: int, work: float, aht_s: float, patience_s: float, threshold_s: float
) -> None:
    found = erlang_a(agents, agents * work / aht_s, aht_s, patience_s, threshold_s)
    assert found is not None
    assert -1e-9 <= found.abandonment <= 1
    assert 1 - found.wait - 1e-9 <= found.offered <= found.answered + 1e-9 <= 1 + 2e-9
    assert found.asa_s >= 0
    assert found.abandonment >= 1 - 1 / work - 1e-6  # agents cannot do more than all of their time


@given(st.integers(1, 100), st.floats(0.05, 0.9), AHT_S, st.floats(0, 120))
def test_whoever_never_gives_up_waits_as_in_erlang_c(
    agents: int, work: float, aht_s: float, threshold_s: float
) -> None:
    per_s = agents * work / aht_s
    patient, endless = (
        erlang_a(agents, per_s, aht_s, 1e8, threshold_s),
        erlang_c(agents, per_s, aht_s, threshold_s),
    )
    assert patient is not None
    assert endless is not None
    assert math.isclose(patient.wait, endless.wait, abs_tol=1e-4)
    assert math.isclose(patient.offered, endless.service_level, abs_tol=1e-4)
