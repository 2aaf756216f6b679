"""Figures: ratios that are ratios, nothing that is not zero, and sums that are the visits counted one by one."""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core import events as ev
from callpulse.stream.core import kpis
from callpulse.stream.core.catalogue import BY_ID, FORMULAS, unit_of
from callpulse.stream.core.kpis import Part, Policy, figures
from callpulse.stream.core.tally import difference
from tests.laws.books import booked
from tests.laws.made import feeds
from tests.laws.oracle import Read, story

POLICIES = st.builds(
    Policy,
    threshold_s=st.integers(0, 8),
    boundary=st.sampled_from(["le", "lt"]),
    formula=st.sampled_from(list(FORMULAS)),
    short_abandon_s=st.integers(0, 8),
)
Feed = list[ev.Call]


def parts_of(events: Feed, policies: dict[str, Policy], past: int = 0) -> list[Part]:
    book = booked(events)
    return [
        Part(difference(cell.booked, cell.taken_back), policies[queue], past, len(book.waits.arrivals(queue)))
        for queue, cell in sorted(book.totals.items())
    ]


def visits_of(events: Sequence[ev.Call]) -> dict[str, list[Read]]:
    out: dict[str, list[Read]] = {}
    places = {(e.queue, e.contact_id): None for e in events}  # type: ignore[union-attr]
    for queue, contact in places:
        mine = [e for e in events if (e.queue, e.contact_id) == (queue, contact)]  # type: ignore[union-attr]
        out.setdefault(queue, []).extend(story(mine).visits)
    return out


def within(visit: Read, policy: Policy) -> bool:
    limit = policy.threshold_s * 1000
    return visit.wait <= limit if policy.boundary == "le" else visit.wait < limit


def one_by_one(visits: list[Read], policy: Policy) -> dict[str, int]:
    """A, B, X and their parts, counted."""
    of = {kind: [v for v in visits if v.kind is kind] for kind in (ev.Connected, ev.Abandoned, ev.Exited)}
    return {
        "A": len(of[ev.Connected]),
        "B": len(of[ev.Abandoned]),
        "X": len(of[ev.Exited]),
        "A_T": sum(within(v, policy) for v in of[ev.Connected]),
        "B_T": sum(within(v, policy) for v in of[ev.Abandoned]),
        "B_s": sum(v.wait < policy.short_abandon_s * 1000 for v in of[ev.Abandoned]),
    }


def worked_out(formula: str, counts: dict[str, int]) -> tuple[int, int]:
    """Numerator and denominator of a formula as the catalogue writes it."""
    top, bottom = formula.replace("−", "-").split(" / ")
    return eval(top, {}, counts), eval(bottom, {}, counts)


@given(feeds(), st.fixed_dictionaries({"sales": POLICIES, "help": POLICIES}))
def test_the_service_level_is_the_visits_counted_one_by_one(events: Feed, policies: dict[str, Policy]) -> None:
    top = bottom = 0
    for queue, visits in visits_of(events).items():
        policy = policies[queue]
        pair = worked_out(FORMULAS[policy.formula], one_by_one(visits, policy))
        top, bottom = top + pair[0], bottom + pair[1]
    found = figures(parts_of(events, policies))["service_level"]
    assert found.n == bottom
    assert found.value == (top / bottom if bottom else None)


@given(feeds(), st.fixed_dictionaries({"sales": POLICIES, "help": POLICIES}))
def test_each_formula_at_each_t_judges_each_queue_by_its_own_boundary(
    events: Feed, policies: dict[str, Policy]
) -> None:
    visits, found = visits_of(events), figures(parts_of(events, policies))
    for formula, limit in itertools.product(FORMULAS, {policies[queue].threshold_s for queue in visits}):
        pairs = []
        for queue, mine in visits.items():
            own = policies[queue]
            policy = Policy(threshold_s=limit, boundary=own.boundary, short_abandon_s=own.short_abandon_s)
            pairs.append(worked_out(FORMULAS[formula], one_by_one(mine, policy)))
        top, bottom = (sum(side) for side in zip(*pairs, strict=True))
        figure = found[f"service_level.{formula}.{limit}"]
        assert (figure.n, figure.value) == (bottom, top / bottom if bottom else None)


@given(feeds(), st.fixed_dictionaries({"sales": POLICIES, "help": POLICIES}), st.integers(0, 3))
def test_ratios_lie_between_0_and_1_or_are_nothing(events: Feed, policies: dict[str, Policy], past: int) -> None:
    for name, figure in figures(parts_of(events, policies, past)).items():
        if unit_of(name) == "ratio":
            assert (figure.value is None) == (figure.n == 0)
            assert figure.value is None or 0 <= figure.value <= 1


@given(feeds(), POLICIES)
def test_averages_counts_and_spread_are_the_visits_counted_one_by_one(events: Feed, policy: Policy) -> None:
    policies = {"sales": policy, "help": policy}
    visits = list(itertools.chain.from_iterable(visits_of(events).values()))
    found, counts = figures(parts_of(events, policies)), one_by_one(visits, policy)
    waits = [v.wait for v in visits if v.kind is ev.Connected]
    handled = [v for v in visits if v.ended_at is not None]
    known = [v.ivr + v.wait for v in visits if v.kind is ev.Connected and v.ivr is not None]
    assert [found[name].value for name in ("offered", "answered", "abandoned", "exited", "handled")] == [
        len(visits),
        counts["A"],
        counts["B"],
        counts["X"],
        len(handled),
    ]
    names = ("answered_within_t", "abandoned_within_t", "abandoned_short")
    assert [found[name].value for name in names] == [counts["A_T"], counts["B_T"], counts["B_s"]]
    assert found["asa_s"].value == mean_s(waits)
    assert found["customer_wait_s"].value == mean_s(known)
    assert found["talk_s"].value == mean_s([v.talk for v in handled])
    assert found["aht_s"].value == mean_s([v.talk + v.hold + v.wrap_up for v in handled])
    assert found["wait_stddev_s"].value == (pytest.approx(spread_s(waits)) if waits else None)
    done = counts["A"] + counts["B"] + counts["X"]
    short = counts["B_s"]
    assert found["abandonment_rate"].value == (counts["B"] / done if done else None)
    corrected = (counts["B"] - short) / (done - short) if done - short else None
    assert found["abandonment_rate_corrected"].value == corrected
    assert found["ledger_residual"].value == 0


def mean_s(many: list[int]) -> float | None:
    return sum(many) / 1000 / len(many) if many else None


def spread_s(waits: list[int]) -> float:
    mean = Fraction(sum(waits), len(waits))
    return math.sqrt(sum((wait - mean) ** 2 for wait in waits) / len(waits)) / 1000


@given(feeds(), st.fixed_dictionaries({"sales": POLICIES, "help": POLICIES}))
def test_the_order_of_the_queues_does_not_matter(events: Feed, policies: dict[str, Policy]) -> None:
    parts = parts_of(events, policies)
    assert figures(parts) == figures(parts[::-1])


@given(feeds(), POLICIES)
def test_every_figure_is_in_the_catalogue(events: Feed, policy: Policy) -> None:
    for name in figures(parts_of(events, {"sales": policy, "help": policy})):
        assert name in BY_ID or name.partition(".")[0] in (
            "service_level",
            "answered_within",
            "exited",
            "lost",
            "not_offered",
        )


@given(
    st.dictionaries(
        st.sampled_from(["ready", "ringing", "talking", "hold", "wrapup", "not_ready"]), st.integers(0, 10**9)
    )
)
def test_occupancy_is_a_share_of_the_time_signed_in_without_the_pauses(ms: dict[str, int]) -> None:
    found = kpis.occupancy(ms)
    busy = sum(ms.get(state, 0) for state in ("ringing", "talking", "hold", "wrapup"))
    signed_in = busy + ms.get("ready", 0)
    assert found.value == (busy / signed_in if signed_in else None)
