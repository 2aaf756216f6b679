"""What is said of producers whose records lie in other partitions than murmur2 says, and for how long."""

import zlib

import pytest

from callpulse.stream.partitioning import partition_of
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.wrong_keys import NAMES_COUNTED, QUIET_MS, Cause, Strayed, WrongKeys, cause_of

NINE = 1_795_338_000_000  # 2026-11-22T09:00:00Z
HOME = partition_of("sales", 8)
CRC32 = zlib.crc32(b"sales") % 8
OTHER = next(p for p in range(8) if p not in (HOME, CRC32))


def strayed(name: str = "sales", key: bytes | None = b"sales", found: int = CRC32, field: str = "queue") -> Strayed:
    return Strayed(field, name, key, found, HOME, cause_of(name, key, found, 8), AgentNames())


def test_where_librdkafka_puts_a_key_by_default() -> None:
    """CRC-32 as in zlib, whose check value everybody gives; and it is not murmur2's place."""
    assert zlib.crc32(b"123456789") == 0xCBF43926
    assert CRC32 != HOME


@pytest.mark.parametrize(
    ("key", "found", "cause"),
    [
        (b"sales", CRC32, Cause.CRC32),
        (b"sales", OTHER, Cause.OTHER_RULE),
        (None, OTHER, Cause.NO_KEY),
        (b"", OTHER, Cause.NO_KEY),
        (b"7001", OTHER, Cause.OTHER_KEY),
        (b"\xff", OTHER, Cause.OTHER_KEY),
    ],
)
def test_what_the_producer_does_instead(key: bytes | None, found: int, cause: Cause) -> None:
    assert cause_of("sales", key, found, 8) is cause
    assert ("murmur2_random" in cause.advice("queue")) == (cause in (Cause.CRC32, Cause.OTHER_RULE))


def test_the_sentence_names_key_partitions_and_what_to_change() -> None:
    wrong = WrongKeys()
    begins = wrong.add("calls", strayed(), NINE)
    assert begins == (
        f"wrongly keyed producer: calls: 1 record of 1 queue refused since 2026-11-22T09:00:00Z; the last, at "
        f"2026-11-22T09:00:00Z: queue 'sales', key 'sales', came in partition {CRC32} and belongs to {HOME}, as "
        "librdkafka chooses by default: set partitioner=murmur2_random (or murmur2) in that producer"
    )
    assert wrong.sentences(NINE) == [begins]
    assert wrong.add("calls", strayed(key=None), NINE + 1000) is not None
    assert "key none, came in" in wrong.sentences(NINE + 1000)[1]
    assert "it has no key: its producer has to give the queue id as the key" in wrong.sentences(NINE + 1000)[1]


def test_it_is_said_until_five_minutes_have_passed_without_one() -> None:
    wrong = WrongKeys()
    wrong.add("calls", strayed(key=None), NINE)
    assert wrong.add("calls", strayed("support", None), NINE + QUIET_MS - 1) is None
    [sentence] = wrong.sentences(NINE + 2 * QUIET_MS - 2)
    assert "2 records of 2 queues refused since 2026-11-22T09:00:00Z" in sentence
    assert wrong.sentences(NINE + 2 * QUIET_MS - 1) == []
    again = wrong.add("calls", strayed(key=None), NINE + 3 * QUIET_MS)
    assert again is not None
    assert "1 record of 1 queue refused since 2026-11-22T09:15:00Z" in again


def test_people_are_named_by_their_pseudonyms() -> None:
    wrong = WrongKeys()
    wrong.add("agents", strayed("Anna", b"Bernd", OTHER, "agent"), NINE)
    [sentence] = wrong.sentences(NINE)
    assert "Anna" not in sentence
    assert "Bernd" not in sentence
    assert f"agent {AgentNames().pseudonym('Anna')!r}, key another of 5 bytes" in sentence
    assert "give the agent id as the key" in sentence


def test_another_key_is_not_shown_since_it_may_be_a_customer_s_number() -> None:
    assert "key another of 11 bytes, came in" in str(strayed(key=b"31612345678", found=OTHER))


def test_names_without_end_take_no_memory_without_end() -> None:
    wrong = WrongKeys()
    for n in range(2 * NAMES_COUNTED):
        wrong.add("calls", strayed(f"q{n}", None), NINE)
    [sentence] = wrong.sentences(NINE)
    assert f"{2 * NAMES_COUNTED} records of {NAMES_COUNTED}+ queues" in sentence


def test_a_key_without_end_is_cut() -> None:
    assert len(str(strayed(name="k" * 100_000, key=b"k" * 100_000)).partition("key")[2]) < 400
