"""What holds of every rule and every day."""

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callpulse.alerts.core.lifecycle import START, Judgement, Phase, Severity, Sight, State, Timing, Transition, step
from callpulse.alerts.core.rule_faults import faults
from callpulse.alerts.core.rules import Evidence, Level, Rule, Seen, judge
from callpulse.stream.core.windows import BOARD_WINDOWS

TICK_MS = 10_000
shares = st.integers(0, 20).map(lambda n: n / 20)
seen = st.builds(Seen, st.none() | shares, st.integers(1, 200))
windows = st.lists(st.sampled_from(BOARD_WINDOWS), min_size=1, max_size=3, unique=True).map(tuple)
levels = st.tuples(shares, shares).map(lambda pair: Level(min(pair), max(pair)))


@st.composite
def judgements(draw: st.DrawFn) -> Judgement:
    sight = draw(st.sampled_from([Sight.SEEN] * 6 + [*Sight]))
    if sight is not Sight.SEEN:
        return Judgement(sight)
    breach = draw(st.sampled_from(Severity))
    return Judgement(sight, breach, max(breach, draw(st.sampled_from(Severity))))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    return Rule(
        name="r", kpi="service_level", side="below", windows=draw(windows), clear_on=draw(st.just(()) | windows),
        combine=draw(st.sampled_from(["all", "any"])), warning=draw(levels), critical=draw(st.none() | levels),
        evidence=draw(st.builds(Evidence, st.booleans(), st.integers(0, 50))),
    )  # fmt: skip


days = st.lists(judgements(), max_size=60)
timings = st.builds(Timing, st.integers(0, 6).map(lambda n: n * TICK_MS), st.integers(0, 6).map(lambda n: n * TICK_MS))


def lived(
    day: list[Judgement], timing: Timing, state: State = START, from_: int = 0
) -> list[tuple[State, Transition | None]]:
    found = []
    for number, judged in enumerate(day, start=from_):
        state, told = step(state, judged, timing, number * TICK_MS)
        found.append((state, told))
    return found


@given(days, timings)
def test_it_never_fires_before_the_breach_has_lasted(day: list[Judgement], timing: Timing) -> None:
    for number, (_, told) in enumerate(lived(day, timing)):
        if told is not None and told.old is Severity.NONE:
            since = number - timing.for_ms // TICK_MS
            assert all(each.breach for each in day[since : number + 1])
            if timing.for_ms:
                assert lived(day, timing)[number - 1][0].phase is Phase.PENDING


@given(days, timings)
def test_what_is_told_follows_from_what_was_told_before(day: list[Judgement], timing: Timing) -> None:
    told = [each for _, each in lived(day, timing) if each is not None]
    assert all(each.old is not each.new for each in told)
    assert all(one.new is other.old for one, other in itertools.pairwise(told))
    assert not told or told[0].old is Severity.NONE


@given(days, timings)
def test_it_ends_only_after_an_all_clear_that_lasted_or_at_closing_time(day: list[Judgement], timing: Timing) -> None:
    for number, (_, told) in enumerate(lived(day, timing)):
        if told is not None and told.new < told.old and day[number].sight is not Sight.CLOSED:
            since = number - timing.keep_firing_ms // TICK_MS
            assert all(each.sight is Sight.SEEN and each.uncleared < told.old for each in day[since : number + 1])


@given(days, timings, st.integers(0, 60))
def test_a_take_over_at_any_moment_changes_nothing(day: list[Judgement], timing: Timing, at: int) -> None:
    """The state is all that is needed: clocks go on where they were."""
    at = min(at, len(day))
    first = lived(day[:at], timing)
    state = first[-1][0] if first else START
    assert first + lived(day[at:], timing, state, at) == lived(day, timing)


@given(
    rules(),
    st.dictionaries(st.sampled_from(BOARD_WINDOWS), seen),
    st.dictionaries(st.sampled_from(BOARD_WINDOWS), seen),
)
def test_a_rule_sees_nothing_but_its_windows(rule: Rule, given_: dict[str, Seen], others: dict[str, Seen]) -> None:
    mine = {*rule.windows, *rule.clear_on}
    known = {window: given_.get(window, Seen(None)) for window in BOARD_WINDOWS}
    changed = {window: known[window] if window in mine else others.get(window, Seen(None)) for window in BOARD_WINDOWS}
    assert judge(rule, known) == judge(rule, changed)


@given(rules(), st.dictionaries(st.sampled_from(BOARD_WINDOWS), seen))
def test_more_evidence_never_makes_a_rule_louder(rule: Rule, figures: dict[str, Seen]) -> None:
    def breach(**asked: Any) -> Severity:
        kept = {name: getattr(rule, name) for name in rule.__struct_fields__}
        return judge(Rule(**{**kept, "evidence": Evidence(**asked)}), figures).breach

    assert breach(wilson=True, min_n=20) <= min(breach(wilson=True), breach(min_n=20)) <= breach()


@given(rules())
def test_a_rule_that_is_accepted_can_fire_and_can_clear(rule: Rule) -> None:
    if any(faults(rule)):
        return
    mine = {*rule.windows, *rule.clear_on}
    assert judge(rule, {window: Seen(0.0, 10_000) for window in mine}).breach
    assert not judge(rule, {window: Seen(1.0, 10_000) for window in mine}).uncleared
