"""The catalogue's test vector, zero denominators, and queues added together."""

import pytest

from callpulse.stream.core import tally as t
from callpulse.stream.core.catalogue import BY_ID, CATALOGUE, FORMULAS, unit_of
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.histogram import EMPTY
from callpulse.stream.core.kpis import Figure, Part, Policy, figures, occupancy
from callpulse.stream.core.tally import Items, Tally, add, merge


def outcome(kind: int, wait_s: float, word: str | None = None) -> Items:
    return t.outcome_items(kind, round(wait_s * 1000), word, None)


def tally_of(*many: tuple[int, Items]) -> Tally:
    tally: Tally = {}
    for times, items in many:
        for _ in range(times):
            add(tally, items)
    return tally


# A=1000, A_T=860, B=60, B_T=20, B_s=10, X=0
VECTOR = tally_of(
    (860, outcome(ANSWERED, 20)),
    (140, outcome(ANSWERED, 20.001)),
    (10, outcome(ABANDONED, 4.999)),
    (10, outcome(ABANDONED, 5)),
    (40, outcome(ABANDONED, 21)),
)


@pytest.mark.parametrize(
    ("formula", "percent"),
    [
        ("answered_only", 86.00),
        ("abandons_missed", 81.13),
        ("abandons_met", 83.02),
        ("abandons_ignored_within_t", 82.69),
        ("short_ignored", 81.90),
        ("short_met", 82.08),
    ],
)
def test_the_vector_by_each_formula(formula: str, percent: float) -> None:
    own = figures([Part(VECTOR, Policy(formula=formula))])  # type: ignore[arg-type]
    assert own["service_level"].value == pytest.approx(percent / 100, abs=0.00005)
    assert own["service_level"] == own[f"service_level.{formula}.20"]


def test_every_formula_is_in_the_vector() -> None:
    assert {
        name.split(".")[1] for name in figures([Part(VECTOR, Policy())]) if name.startswith("service_level.")
    } == set(FORMULAS)


def test_the_other_figures_of_the_vector() -> None:
    found = figures([Part(VECTOR, Policy())])
    assert found["abandonment_rate"] == Figure(60 / 1060, 1060)
    assert found["abandonment_rate_corrected"] == Figure(50 / 1050, 1050)
    assert found["asa_s"].value == pytest.approx(20.00014)
    assert [
        found[name].value for name in ("answered", "answered_within_t", "abandoned_within_t", "abandoned_short")
    ] == [
        1000,
        860,
        20,
        10,
    ]
    assert (found["wait_p50_s"].value, found["wait_p90_s"].value, found["wait_max_s"].value) == (20.0, 20.5, 20.5)


def test_less_than_t_is_not_within_t_where_the_queue_says_so() -> None:
    found = figures([Part(VECTOR, Policy(boundary="lt"))])
    assert found["answered_within_t"].value == 0
    assert found["abandoned_within_t"].value == 20


def test_exits_are_missed_calls_and_losses_are_not() -> None:
    tally = tally_of((1, outcome(ANSWERED, 1)), (3, outcome(EXITED, 2, "empty")), (5, outcome(LOST, 9, "age")))
    found = figures([Part(tally, Policy())])
    assert found["service_level"] == Figure(0.25, 4)
    assert (found["exited.empty"].value, found["lost.age"].value) == (3, 5)


def test_who_waits_past_t_is_a_miss_already() -> None:
    tally = tally_of((3, outcome(ANSWERED, 1)))
    assert figures([Part(tally, Policy(), waiting_past_t=1)])["service_level_live"] == Figure(0.75, 4)


def test_a_zero_denominator_gives_no_value() -> None:
    for name, figure in figures([Part({}, Policy())]).items():
        if figure.n is not None:
            assert figure == Figure(None, 0), name
    assert occupancy({"not_ready": 60_000}) == Figure(None, 0)
    assert EMPTY.percentile(0.9) is None


def test_all_abandoned_within_t_leaves_nothing_to_divide_by() -> None:
    tally = tally_of((2, outcome(ABANDONED, 3)))
    found = figures([Part(tally, Policy())])
    assert found["service_level.abandons_ignored_within_t.20"] == Figure(None, 0)
    assert found["service_level.short_ignored.20"].value is None
    assert found["service_level"] == Figure(0.0, 2)


def test_queues_with_their_own_t_are_added_before_anything_is_divided() -> None:
    quick = Part(tally_of((1, outcome(ANSWERED, 15)), (1, outcome(ANSWERED, 25))), Policy(threshold_s=10))
    patient = Part(tally_of((2, outcome(ANSWERED, 25))), Policy(threshold_s=30))
    found = figures([quick, patient])
    assert found["service_level"] == Figure(0.5, 4)
    assert found["answered_within_t"].value == 2
    assert found["service_level.abandons_missed.10"] == Figure(0.0, 4)
    assert found["service_level.abandons_missed.30"] == Figure(1.0, 4)
    assert found["asa_s"] == Figure(22.5, 4)


def test_at_any_t_each_queue_keeps_its_own_boundary() -> None:
    parts = [Part(VECTOR, Policy()), Part(VECTOR, Policy(boundary="lt", threshold_s=30))]
    assert figures(parts)["service_level.answered_only.20"] == Figure(860 / 2000, 2000)


def test_the_percentile_of_several_queues_comes_from_added_histograms() -> None:
    short, long = tally_of((9, outcome(ANSWERED, 1))), tally_of((1, outcome(ANSWERED, 100)))
    found = figures([Part(short, Policy()), Part(long, Policy())])
    assert (found["wait_p90_s"].value, found["wait_max_s"].value) == (1.0, 100.0)
    assert found == figures([Part(merge([short, long]), Policy())])


def test_a_spread_that_is_known() -> None:
    tally = tally_of(*[(1, outcome(ANSWERED, wait)) for wait in (2, 4, 4, 4, 5, 5, 7, 9)])
    assert figures([Part(tally, Policy())])["wait_stddev_s"] == Figure(2.0, 8)


def test_handling_time_and_its_parts() -> None:
    tally = tally_of(
        (1, t.handled_items(100_000, 20_000, 10_000, False)), (1, t.handled_items(60_000, 0, 10_000, True))
    )
    found = figures([Part(tally, Policy())])
    assert [found[name].value for name in ("aht_s", "talk_s", "hold_s", "wrap_up_s", "transfer_rate")] == [
        100.0,
        80.0,
        10.0,
        10.0,
        0.5,
    ]


def test_menu_hang_ups_are_told_apart_from_waits() -> None:
    tally = tally_of((3, t.OFFERED_ITEMS), (1, t.not_offered_items("menu")), (1, t.not_offered_items("closed")))
    found = figures([Part(tally, Policy())])
    assert found["ivr_abandonment_rate"] == Figure(0.25, 4)
    assert (found["not_offered"].value, found["not_offered.menu"].value) == (2, 1)


def test_the_residual_of_a_ledger_is_what_nobody_can_explain() -> None:
    tally = tally_of((5, t.OFFERED_ITEMS), (1, outcome(ANSWERED, 1)), (1, outcome(LOST, 1, "age")))
    assert figures([Part(tally, Policy(), waiting=3)])["ledger_residual"] == Figure(0, None)
    assert figures([Part(tally, Policy(), waiting=1)])["ledger_residual"] == Figure(2, None)
    assert "ledger_residual" not in figures([Part(tally, Policy(), waiting=None), Part(tally, Policy(), waiting=3)])


def test_occupancy_leaves_pauses_out() -> None:
    assert occupancy({"talking": 50_000, "wrapup": 10_000, "ready": 20_000, "not_ready": 999}) == Figure(0.75, 80)


def test_units() -> None:
    assert len(BY_ID) == len(CATALOGUE)
    assert [unit_of(name) for name in ("asa_s", "service_level.answered_only.20", "exited.empty", "agents.ready")] == [
        "s",
        "ratio",
        "count",
        "count",
    ]
