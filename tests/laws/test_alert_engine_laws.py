"""What holds for alerts whatever is seen, in any queue, with workers that die at any look."""

from itertools import groupby, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from callpulse.alerts.core.lifecycle import Sight
from callpulse.alerts.core.rules import Level, Rule
from tests.alert_site import Site, plan
from tests.timeline import TICK_MS, ms_of, time_of

RULES = (
    Rule(
        name="late", kpi="service_level", side="below", warning=Level(0.8, 0.85), critical=Level(0.5, 0.6),
        for_ms=20_000, keep_firing_ms=30_000, repeat_ms=120_000,
    ),
    Rule(
        name="gone", kpi="abandonment_rate", side="above", critical=Level(0.1, 0.05),
        for_ms=0, keep_firing_ms=10_000, repeat_ms=120_000, alone_after_ms=40_000,
    ),
)  # fmt: skip
QUEUES = ("sales", "support", "night", "claims")
figures = st.fixed_dictionaries(
    {
        "service_level": st.sampled_from([(0.95, 60), (0.82, 60), (0.7, 60), (0.3, 60), (None, 0)]),
        "abandonment_rate": st.sampled_from([(0.0, 60), (0.07, 60), (0.3, 60), (None, 0)]),
    }
)
sights = st.sampled_from([Sight.SEEN] * 6 + [Sight.BLIND])
changes = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(QUEUES), figures, sights, st.booleans()), min_size=1, max_size=25
)
begun = ms_of("09:00")


def played(script: list[tuple[int, str, dict, Sight, bool]], *, dies: bool) -> Site:
    """`script`: after so many looks this queue is seen so; where it says so, another worker takes over then."""
    site, at = Site(plan(RULES)), begun
    for queue in QUEUES:
        site.see(queue, {"service_level": (0.95, 60), "abandonment_rate": (0.0, 60)})
    told, notices = [], []
    for looks, queue, seen, sight, dead in script:
        site.go(time_of(at), time_of(at + looks * TICK_MS))
        at += looks * TICK_MS
        if dies and dead:
            told, notices = told + site.told, notices + site.notices
            site = site.restarted()
        site.see(queue, seen, sight)
    site.go(time_of(at), time_of(at + 20 * TICK_MS))
    site.told, site.notices = told + site.told, notices + site.notices
    return site


@given(changes)
@settings(max_examples=60)
def test_workers_that_die_change_nothing_of_what_is_told(script: list) -> None:
    assert played(script, dies=True).told == played(script, dies=False).told


@given(changes)
@settings(max_examples=60)
def test_each_trouble_begins_once_ends_at_most_once_and_is_told_in_that_order(script: list) -> None:
    site = played(script, dies=True)
    by_id = groupby(sorted(site.notices, key=lambda notice: (notice.id, notice.at_ms)), key=lambda notice: notice.id)
    for _, notices in by_id:
        kinds = [notice.kind for notice in notices]
        assert kinds[0] == "firing"
        assert kinds.count("firing") == 1
        assert "resolved" not in kinds[:-1]


@given(changes)
@settings(max_examples=60)
def test_without_a_change_nothing_is_told_twice_within_the_repeat_interval(script: list) -> None:
    site = played(script, dies=False)
    by_id = groupby(sorted(site.notices, key=lambda notice: (notice.id, notice.at_ms)), key=lambda notice: notice.id)
    for _, found in by_id:
        notices = list(found)
        for one, other in pairwise(notices):
            if other.kind == "repeat":
                assert other.at_ms - one.at_ms >= 120_000


@given(changes)
@settings(max_examples=40)
def test_what_is_told_is_true_of_what_is_stored(script: list) -> None:
    """Whoever was told that it fires finds it in the state; what is over leaves no trouble."""
    site = played(script, dies=True)
    last = {notice.labels.queue: notice for notice in sorted(site.notices, key=lambda notice: notice.at_ms)}
    for queue, notice in last.items():
        held = site.engine.held.queue(queue).alert if queue else None
        if held is not None:
            assert (held.incident is None or not held.incident.told) == (notice.kind == "resolved")
