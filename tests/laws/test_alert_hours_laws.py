"""Opening hours over every change of clocks, and levels for every target."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callpulse.alerts.core.hours import DAYS, Hours
from callpulse.alerts.core.rule_faults import faults
from callpulse.alerts.core.rules import Level, Rule, Seen, judge

MINUTE_MS = 60_000
CHANGES = {  # a Sunday on which clocks change, by zone
    "Europe/Amsterdam": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # by half an hour
    "Asia/Kathmandu": ("2026-11-22",),  # never, at an odd offset
}
changes = st.sampled_from([(zone, day) for zone, days in CHANGES.items() for day in days])
clocks = st.integers(0, 1440)


def told(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def spans(draw: st.DrawFn) -> tuple[int, int]:
    start, end = sorted(draw(st.lists(clocks, min_size=2, max_size=2, unique=True)))
    return start, end


@given(changes, spans(), st.integers(0, 36 * 60))
def test_it_is_open_when_the_clock_on_the_wall_reads_so(
    change: tuple[str, str], span: tuple[int, int], on: int
) -> None:
    zone, day = change
    hours = Hours(zone=zone, **{each: (f"{told(span[0])}-{told(span[1])}",) for each in DAYS})
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    at = midnight + timedelta(minutes=on - 360)
    reads = f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
    assert hours.is_open(round(at.timestamp() * 1000)) == (told(span[0]) <= reads < told(span[1]))


@given(changes, spans())
def test_between_two_clocks_that_exist_once_every_real_minute_is_open(
    change: tuple[str, str], span: tuple[int, int]
) -> None:
    zone, day = change
    hours = Hours(zone=zone, sun=(f"{told(span[0])}-{told(span[1])}",))
    start, end = (_instants(day, zone, minute) for minute in span)
    if len(start) == len(end) == 1:
        counted = range(start[0] - 120 * MINUTE_MS, end[0] + 120 * MINUTE_MS, MINUTE_MS)
        assert [at for at in counted if hours.is_open(at)] == list(range(start[0], end[0], MINUTE_MS))


def _instants(day: str, zone: str, minute: int) -> list[int]:
    """When the clock reads so on that date: never, once or twice."""
    there = datetime.fromisoformat(day) + timedelta(minutes=minute)
    both = (there.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    found = {at for at in both if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == there}
    return sorted(round(at.timestamp() * 1000) for at in found)


burns = st.integers(1, 400).map(lambda tenths: tenths / 20)
targets = st.integers(1, 99).map(lambda percent: percent / 100)


@given(targets, burns, burns, st.integers(1, 300), st.data())
def test_a_burn_is_passed_exactly_when_so_much_of_the_budget_is_missed(
    target: float, burn: float, clear: float, n: int, data: st.DataObject
) -> None:
    misses = data.draw(st.integers(0, n))
    rule = Rule(name="r", kpi="service_level", side="below", warning=Level(burn, min(burn, clear), burn=True))
    judged = judge(rule.at(target), {"15m": Seen((n - misses) / n, n)})
    spent = misses / n / (1 - target)
    if abs(spent - burn) > 1e-9:
        assert bool(judged.breach) == (spent > burn)
    assert not judged.breach or not list(faults(rule, target)), "what fires is no fault"


@given(targets, burns)
def test_what_can_never_be_missed_so_fast_is_a_fault_and_nothing_else_is(target: float, burn: float) -> None:
    rule = Rule(name="r", kpi="service_level", side="below", warning=Level(burn, burn / 2, burn=True))
    fires = bool(judge(rule.at(target), {"15m": Seen(0.0, 100)}).breach)
    assert bool(list(faults(rule, target))) != fires


@given(targets)
def test_plain_levels_are_the_same_at_every_target(target: float) -> None:
    rule = Rule(name="r", kpi="service_level", side="below", warning=Level(0.7, 0.75), critical=Level(0.5, 0.6))
    assert rule.at(target) == rule
    assert rule.at(target).at(0.5) == rule.at(target)
