"""Queues that are judged alike are added before they are counted: it must not show."""

from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core import kpis
from callpulse.stream.core import tally as t
from callpulse.stream.core.facts import ABANDONED, ANSWERED
from callpulse.stream.core.kpis import Part, Policy

POLICIES = (Policy(), Policy(threshold_s=30, boundary="lt"), Policy(formula="short_met", short_abandon_s=9))


def tally_of(answered_ms: list[int], abandoned_ms: list[int]) -> t.Tally:
    tally: t.Tally = {}
    for kind, waits in ((ANSWERED, answered_ms), (ABANDONED, abandoned_ms)):
        for wait_ms in waits:
            t.add(tally, t.OFFERED_ITEMS + t.outcome_items(kind, wait_ms, None, None))
    return tally


waits_ms = st.lists(st.integers(0, 60) | st.integers(0, 60_000), max_size=4)
queues = st.builds(
    Part, st.builds(tally_of, waits_ms, waits_ms), st.sampled_from(POLICIES), st.integers(0, 9), st.integers(0, 9)
)


@given(st.lists(queues, min_size=2, max_size=6))
def test_a_total_holds_the_live_service_level_of_each_queue_with_its_own_threshold(parts: list[Part]) -> None:
    alone = [kpis.figures([part])["service_level_live"] for part in parts]
    answered = sum(kpis.figures([part])["answered_within_t"].value or 0 for part in parts)
    total = kpis.figures(parts)["service_level_live"]
    assert total.n == sum(each.n or 0 for each in alone)
    assert total.value == (answered / total.n if total.n else None)


def test_people_who_wait_past_t_in_two_queues_of_one_policy_count_in_both() -> None:
    one = Part(tally_of([1_000], []), Policy(), waiting_past_t=1, waiting=1)
    other = Part(tally_of([2_000], []), Policy(), waiting_past_t=2, waiting=3)
    assert kpis.figures([one, other])["service_level_live"] == kpis.Figure(2 / 5, 5)


def test_a_window_without_a_cohort_has_no_ledger_whoever_is_added_to_it() -> None:
    rolling = Part(tally_of([1_000], []), Policy(), waiting_past_t=1)
    assert "ledger_residual" not in kpis.figures([rolling, Part(tally_of([1_000], []), Policy(), 1, 1)])
