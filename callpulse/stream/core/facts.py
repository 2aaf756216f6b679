"""An event without its delivery: the fact that is kept of it.

A fact is a plain tuple, `(at_ms, kind, ...)`, so that it is small, hashable, ordered by bytes and stored as it is:

    ENQUEUED    (at, 1, reason, customer, ivr_ms, priority)
    ANSWERED    (at, 2, agent, stated_arrival_ms, stated_wait_ms)
    ABANDONED   (at, 3, None, stated_arrival_ms, stated_wait_ms)
    EXITED      (at, 4, cause, stated_arrival_ms, stated_wait_ms)
    LOST        (at, 5, why, None, None)
    HELD        (at, 6, agent)
    RESUMED     (at, 7, agent)
    ENDED       (at, 8, agent, talk_ms, hold_ms, by)
    WRAPPED_UP  (at, 9, agent, wrap_up_ms)
    NOT_OFFERED (at, 10, why, ivr_ms)

What an event does not state is None. `ringing`, `snapshot` and `heartbeat` leave no fact: no figure depends on them.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from callpulse.stream.core import events as ev

Fact = tuple[Any, ...]

ENQUEUED, ANSWERED, ABANDONED, EXITED, LOST, HELD, RESUMED, ENDED, WRAPPED_UP, NOT_OFFERED = range(1, 11)
OUTCOMES = (ANSWERED, ABANDONED, EXITED, LOST)  # in order of precedence when facts disagree

EXIT_CAUSES = ("timeout", "empty", "key", "callback", "transfer", "voicemail", "closed", "full", "other")
LOST_WHYS = ("age", "snapshot", "restart", "other")
NOT_OFFERED_WHYS = ("menu", "full", "closed", "phantom", "outbound", "other")

_canonical = msgspec.msgpack.Encoder().encode


def canonical(fact: Fact) -> bytes:
    """Bytes that decide between facts when nothing else does."""
    return _canonical(fact)


def known(word: str, words: tuple[str, ...]) -> str:
    """The word if it is one of `words`, else "other": words from outside never grow a label set."""
    return word if word in words else "other"


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _enqueued(e: ev.Enqueued) -> Fact:
    ivr = e.ivr_s
    return (e.at, ENQUEUED, e.reason, e.customer, None if ivr is None else round(ivr * 1000), e.priority)


def _outcome(kind: int, word: str | None, e: ev.Connected | ev.Abandoned | ev.Exited) -> Fact:
    arrival, wait = e.enqueued_at, e.wait_s
    if wait is None:
        return (e.at, kind, word, arrival, None)
    wait_ms = round(wait * 1000)
    return (e.at, kind, word, e.at - wait_ms if arrival is None else arrival, wait_ms)


def _connected(e: ev.Connected) -> Fact:
    return _outcome(ANSWERED, e.agent, e)


def _abandoned(e: ev.Abandoned) -> Fact:
    return _outcome(ABANDONED, None, e)


def _exited(e: ev.Exited) -> Fact:
    return _outcome(EXITED, known(e.cause, EXIT_CAUSES), e)


def _lost(e: ev.Lost) -> Fact:
    return (e.at, LOST, known(e.why, LOST_WHYS), None, None)


def _held(e: ev.Held) -> Fact:
    return (e.at, HELD, e.agent)


def _resumed(e: ev.Resumed) -> Fact:
    return (e.at, RESUMED, e.agent)


def _ended(e: ev.Ended) -> Fact:
    return (e.at, ENDED, e.agent, _ms(e.talk_s), _ms(e.hold_s), e.by)


def _wrapped_up(e: ev.WrappedUp) -> Fact:
    return (e.at, WRAPPED_UP, e.agent, _ms(e.wrap_up_s))


def _not_offered(e: ev.NotOffered) -> Fact:
    return (e.at, NOT_OFFERED, known(e.why, NOT_OFFERED_WHYS), _ms(e.ivr_s))


FACT_OF: dict[type, Callable[[Any], Fact]] = {
    ev.Enqueued: _enqueued,
    ev.Connected: _connected,
    ev.Abandoned: _abandoned,
    ev.Exited: _exited,
    ev.Lost: _lost,
    ev.Held: _held,
    ev.Resumed: _resumed,
    ev.Ended: _ended,
    ev.WrappedUp: _wrapped_up,
    ev.NotOffered: _not_offered,
}
