"""A mute covers what it says, as long as it says, and tells what it hid."""

from callpulse.alerts.core.mute import Mute, covering, hiding, lifted, over

NOON = 1_795_348_800_000
HOUR_MS = 3_600_000


def mute(number: str = "1", rule: str = "*", queue: str = "sales", until_ms: int = NOON + HOUR_MS) -> Mute:
    return Mute(number, rule, queue, "team lead", "training", NOON, until_ms)


def test_it_covers_its_rule_and_queue_while_it_lasts() -> None:
    one = mute(rule="service*")
    assert one.covers("service level", "sales", NOON)
    assert not one.covers("abandonment", "sales", NOON)
    assert not one.covers("service level", "help", NOON)
    assert not one.covers("service level", "sales", NOON - 1)
    assert not one.covers("service level", "sales", NOON + HOUR_MS)


def test_of_several_the_one_that_lasts_longest_counts() -> None:
    short, long = mute("1"), mute("2", queue="*", until_ms=NOON + 2 * HOUR_MS)
    assert covering([long, short], "r", "sales", NOON) is long
    assert covering([short], "r", "help", NOON) is None


def test_it_ends_by_itself_and_says_what_it_hid_once_each() -> None:
    hidden = hiding(hiding(hiding(mute(), "a"), "b"), "a")
    assert over([hidden], NOON + HOUR_MS - 1) == []
    (ended,) = over([hidden], NOON + HOUR_MS)
    assert ended.hidden == ("a", "b")
    assert (ended.by, ended.why) == ("team lead", "training")


def test_lifted_it_is_over_at_once_and_never_later_than_it_was() -> None:
    assert not lifted(mute(), NOON + 5).covers("r", "sales", NOON + 5)
    assert lifted(mute(), NOON + 9 * HOUR_MS).until_ms == NOON + HOUR_MS
