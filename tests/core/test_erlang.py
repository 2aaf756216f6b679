"""Erlang C and A: published reference values, and inputs that make no sense."""

import math

import pytest

from callpulse.alerts.core.erlang import ErlangA, erlang_a, erlang_c

PER_S, AHT_S, T_S = 100 / 1800, 180.0, 20.0


@pytest.mark.parametrize(
    ("agents", "wait", "service_level", "asa_s"),
    [
        (11, 0.6821182, 0.3896138, 122.78127684408),
        (12, 0.4493882, 0.640158, 40.4449401868444),
        (13, 0.2852705, 0.7955948, 17.1162271821896),
        (14, 0.1741319, 0.88835, 7.83593701177724),
    ],
)
def test_erlang_c_gives_the_published_figures(agents: int, wait: float, service_level: float, asa_s: float) -> None:
    found = erlang_c(agents, PER_S, AHT_S, T_S)
    assert found is not None
    assert found.wait == pytest.approx(wait, abs=5e-7)
    assert found.service_level == pytest.approx(service_level, abs=5e-7)
    assert found.asa_s == pytest.approx(asa_s, rel=1e-12)


def test_erlang_a_gives_the_published_figures() -> None:
    twelve, fourteen = found(12), found(14)
    assert twelve.wait == pytest.approx(0.331802036, abs=1e-9)
    assert twelve.offered == pytest.approx(0.772279308, abs=1e-9)
    assert twelve.answered == pytest.approx(0.80673589, abs=1e-8)
    assert twelve.asa_s == pytest.approx(11.8614195, abs=1e-7)
    assert twelve.abandonment == pytest.approx(0.0427111057, abs=1e-10)
    assert fourteen.wait == pytest.approx(0.145260114, abs=1e-9)
    assert fourteen.offered == pytest.approx(0.916792092, abs=1e-9)
    assert fourteen.abandonment == pytest.approx(0.0139837441, abs=1e-10)


@pytest.mark.parametrize(
    ("agents", "per_s", "aht_s", "threshold_s"),
    [
        (0, PER_S, AHT_S, T_S),
        (-1, PER_S, AHT_S, T_S),
        (10**9, PER_S, AHT_S, T_S),
        (12, -PER_S, AHT_S, T_S),
        (12, math.inf, AHT_S, T_S),
        (12, math.nan, AHT_S, T_S),
        (12, PER_S, 0.0, T_S),
        (12, PER_S, math.inf, T_S),
        (12, PER_S, math.nan, T_S),
        (12, PER_S, AHT_S, -1.0),
        (12, PER_S, AHT_S, math.nan),
    ],
)
def test_what_makes_no_sense_has_no_figures(agents: int, per_s: float, aht_s: float, threshold_s: float) -> None:
    assert erlang_c(agents, per_s, aht_s, threshold_s) is None
    assert erlang_a(agents, per_s, aht_s, 300.0, threshold_s) is None


@pytest.mark.parametrize("patience_s", [0.0, -1.0, math.inf, math.nan])
def test_erlang_a_needs_a_patience(patience_s: float) -> None:
    assert erlang_a(12, PER_S, AHT_S, patience_s, T_S) is None


def test_millions_waiting_are_a_mistake() -> None:
    assert erlang_a(1, 1000.0, 1.0, 1e4, T_S) is None


def test_erlang_a_of_nobody_has_no_figures() -> None:
    assert erlang_a(12, 0.0, AHT_S, 300.0, T_S) is None


def test_erlang_c_of_nobody_waits_never() -> None:
    assert erlang_c(12, 0.0, AHT_S, T_S) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize("agents", [1, 9, 10])
def test_erlang_c_with_more_work_than_agents_has_no_figures(agents: int) -> None:
    assert erlang_c(agents, PER_S, AHT_S, T_S) is None


def test_a_queue_far_above_its_agents_is_reckoned_with_too() -> None:
    figures = erlang_a(100, 3000 / 1800, 600.0, 300.0, T_S)
    assert figures is not None
    assert figures.wait == pytest.approx(1.0)
    assert figures.abandonment == pytest.approx(0.9, abs=1e-6)


def found(agents: int) -> ErlangA:
    figures = erlang_a(agents, PER_S, AHT_S, 300.0, T_S)
    assert figures is not None
    return figures
