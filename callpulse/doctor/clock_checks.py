"""Clocks that have to agree: this machine's, the brokers', those of sources, Redis's. Pure; differences in ms."""

from collections.abc import Iterator

from callpulse.doctor.finding import Finding, fail, ok, skip, warn
from callpulse.doctor.seen import Clocks

WARN_MS, FAIL_MS = 2_000, 10_000  # boards call figures stale at ten seconds
SET = "Have all machines set their clocks by NTP"


def clock_findings(clocks: Clocks, max_future_ms: int | None) -> Iterator[Finding]:
    """`max_future_ms` None: event times are not those of the wall, so that they are not compared."""
    if clocks.broker_behind_ms is None and clocks.came:
        yield skip("clocks", "events carry no time of the broker here, so that its clock is not known")
    elif clocks.broker_behind_ms is None:
        yield skip("clocks", "no event came while one was waited for, so that the broker's clock is not known")
    else:
        yield _difference("clocks", "the broker's clock", clocks.broker_behind_ms)
    for source, ahead_ms in sorted(clocks.sources_ahead_ms.items()) if max_future_ms is not None else ():
        if ahead_ms > (max_future_ms or 0):
            yield fail(
                "clocks",
                f"the clock of source {source!r} is {ahead_ms / 1000:.1f} s ahead of the broker's, and its events are "
                "refused",
                SET,
            )
        elif ahead_ms > WARN_MS:
            yield warn(
                "clocks", f"the clock of source {source!r} is {ahead_ms / 1000:.1f} s ahead of the broker's", SET
            )


def redis_clock(behind_ms: int, trip_ms: int) -> Finding:
    """What a round trip takes cannot be told from a difference."""
    sure_ms = max(0, abs(behind_ms) - trip_ms)
    return _difference("clocks", "the clock of Redis", sure_ms if behind_ms >= 0 else -sure_ms)


def _difference(about: str, whose: str, behind_ms: int) -> Finding:
    apart_ms = abs(behind_ms)
    if apart_ms < WARN_MS:
        return ok(about, f"{whose} agrees with this machine's to {max(apart_ms, 100) / 1000:.1f} s")
    says = f"{whose} is {apart_ms / 1000:.1f} s {'behind' if behind_ms > 0 else 'ahead of'} this machine's"
    return (fail if apart_ms >= FAIL_MS else warn)(about, says, SET)
