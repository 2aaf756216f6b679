"""One trouble, one alert; what is shown at once need not wake anybody at once."""

from callpulse.alerts.core.joining import Firing, Joined, shown, told
from callpulse.alerts.core.lifecycle import START, Phase, Reason, Severity, State

NOON = 1_795_348_800_000
MINUTE_MS = 60_000


def fires(
    rule: str,
    at_ms: int,
    severity: Severity = Severity.WARNING,
    alone_after_ms: int = 0,
    reason: Reason = Reason.STILL_BREACHED,
) -> Firing:
    state = State(Phase.FIRING, reason, since_ms=at_ms, onset_ms=at_ms - MINUTE_MS, severity=severity)
    return Firing(rule, state, alone_after_ms)


def test_rules_that_agree_are_one_alert_as_bad_as_the_worst_since_the_first() -> None:
    both = [fires("service level", NOON), fires("capacity", NOON - 5, Severity.CRITICAL), Firing("asa", START)]
    assert shown(both) == Joined(Severity.CRITICAL, NOON - 5 - MINUTE_MS, ("capacity", "service level"))
    assert shown([Firing("asa", START)]) is None


def test_a_plain_rule_is_shown_at_once_and_told_after_a_while() -> None:
    plain = fires("service level", NOON, alone_after_ms=8 * MINUTE_MS)
    assert shown([plain]) is not None
    assert told([plain], None, NOON + 8 * MINUTE_MS - 1) is None
    assert told([plain], None, NOON + 8 * MINUTE_MS) == shown([plain])


def test_a_plain_rule_that_is_no_longer_in_breach_when_its_time_comes_is_not_told() -> None:
    passing = fires("service level", NOON, alone_after_ms=8 * MINUTE_MS, reason=Reason.CLEARING)
    assert shown([passing]) is not None
    assert told([passing], None, NOON + 9 * MINUTE_MS) is None


def test_a_plain_rule_is_told_when_another_agrees() -> None:
    plain = fires("service level", NOON, alone_after_ms=8 * MINUTE_MS)
    agreed = told([plain, fires("capacity", NOON + MINUTE_MS)], None, NOON + MINUTE_MS)
    assert agreed is not None
    assert agreed.rules == ("capacity", "service level")


def test_what_was_told_stays_told_while_anything_fires() -> None:
    plain = fires("service level", NOON, alone_after_ms=8 * MINUTE_MS)
    before = told([plain, fires("capacity", NOON)], None, NOON)
    assert told([plain, Firing("capacity", START)], before, NOON + MINUTE_MS) == shown([plain])
    assert told([Firing("service level", START)], before, NOON + MINUTE_MS) is None
