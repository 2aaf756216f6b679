"""What holds for every value that goes through Redis, and for every name of a key."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from callpulse.current.fields import LARGEST, OWN_FIELDS, Current, Value, by_window, from_hash, to_hash
from callpulse.current.keys import PARTS, Keys

windows = st.sampled_from(["5m", "15m", "interval", "day", "now", "2026-11-21T09:15"])
kpis = st.sampled_from(["offered", "service_level", "service_level.answered_only.20", "agents.ready", "asa_s"])
numbers = st.none() | st.integers(-(2**60), 2**60) | st.floats()
names = st.text(min_size=1, max_size=30)
addresses = st.tuples(st.sampled_from(["queue", "group"]), names, st.none() | st.sampled_from(PARTS))


def written(fields: Mapping[str, float | int | None]) -> dict[str, str]:
    flat = to_hash(
        Current(
            kind="queue",
            name="q",
            version=(3, 9),
            event_time_ms=5,
            written_at_ms=7,
            writer="w",
            source="s",
            fields=fields,
        )
    )
    return dict(zip(flat[::2], flat[1::2], strict=True))


def known(number: float | None) -> bool:
    return number is not None and abs(number) <= LARGEST  # of NaN that is false


def counts(number: float | None) -> bool:
    """A denominator is a number of things."""
    return known(number) and number is not None and number >= 0 and number == int(number)


@given(st.dictionaries(st.tuples(windows, kpis), st.tuples(numbers, numbers)))
def test_every_number_that_can_be_comes_back_exactly(
    found: dict[tuple[str, str], tuple[float, float]],
) -> None:
    fields = {f"{w}.{k}": value for (w, k), (value, _) in found.items()}
    fields |= {f"{w}.{k}.n": n for (w, k), (value, n) in found.items() if known(value)}
    reading = from_hash(written(fields))
    assert reading is not None
    assert (reading.version, reading.event_time_ms, reading.written_at_ms) == ("3-9", 5, 7)
    assert {(w, k): v for w, kinds in by_window(reading).items() for k, v in kinds.items()} == {
        at: Value(value, n if counts(n) else None) for at, (value, n) in found.items() if known(value)
    }


@given(st.dictionaries(st.sampled_from(OWN_FIELDS) | names, st.text()))
def test_no_hash_is_too_odd_to_read(found: dict[str, str]) -> None:
    reading = from_hash(found)
    if reading is not None:
        by_window(reading)


@given(addresses, addresses)
def test_two_addresses_are_two_keys(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    keys = Keys("ams")
    assert (keys.of(*one) == keys.of(*other)) == (one == other)  # type: ignore[arg-type]


@given(addresses)
def test_no_name_can_look_like_a_key_of_another_kind(one: tuple[str, str, str]) -> None:
    keys = Keys("ams")
    single = {keys.queues, keys.sources, keys.alerts, keys.transitions, keys.changes}
    totals = {keys.of("total", ""), *(keys.of("total", "", part) for part in PARTS)}
    key = keys.of(*one)  # type: ignore[arg-type]
    assert key not in single | totals
    assert key.startswith("callpulse:{ams}:")
    assert key.count("{") == key.count("}") == 1
