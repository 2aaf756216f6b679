"""One loop per channel that tells what the engine gives it, again where that helps, and says how each notice ended.

A notice is stored before it is given here, and its end is reported, so the engine can give again after a restart what
has not ended; a receiver knows repetitions by their `news_id`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from random import Random
from typing import NamedTuple

from callpulse.alerts.core.backlog import Backlog, End, Pace
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, Outcome, Permanent, Settled, Temporary

LONGEST_ATTEMPT_S = 120.0  # whatever a channel itself allows

_log = logging.getLogger(__name__)

Tell = Callable[[Notice], Awaitable[Outcome]]
"""One attempt."""


class Told(NamedTuple):
    """How a notice ended on a channel."""

    channel: str
    notice: Notice
    how: Settled


class Telling:
    """One channel. `told` is called once for each notice that was given; what is given twice while it waits is one.

    `monotonic_s` and `chance` are the clock and the dice of its patience.
    """

    def __init__(
        self,
        channel: str,
        tell: Tell,
        told: Callable[[Told], None],
        *,
        monotonic_s: Callable[[], float],
        chance: Random,
        pace: Pace | None = None,
    ) -> None:
        self.channel = channel
        self.trouble: str | None = None  # why the latest attempt failed; None when it did not
        self._tell, self._told = tell, told
        self._monotonic_s, self._chance = monotonic_s, chance
        self._backlog = Backlog(pace or Pace())
        self._given = asyncio.Event()
        self._resting = False

    def give(self, notice: Notice) -> None:
        """Have it told. Never waits and never fails."""
        self._report(self._backlog.add(notice, self._monotonic_s()))
        self._given.set()

    def waiting(self) -> list[Notice]:
        """What has not ended."""
        return self._backlog.notices()

    def rest(self) -> None:
        """Begin no attempt any more: `run` ends after the one that is under way."""
        self._resting = True
        self._given.set()

    async def run(self) -> None:
        """Until told to rest, or cancelled."""
        while not self._resting:
            self._given.clear()
            if notice := self._backlog.take(self._monotonic_s()):
                outcome = await self._attempt(notice)
                self.trouble = None if isinstance(outcome, Delivered) else outcome.reason
                self._report(self._backlog.ended(outcome, self._monotonic_s(), self._chance.random()))
            else:
                await self._something_to_do()

    async def _something_to_do(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._backlog.wait_s(self._monotonic_s())):
                await self._given.wait()

    async def _attempt(self, notice: Notice) -> Outcome:
        try:
            async with asyncio.timeout(LONGEST_ATTEMPT_S):
                return await self._tell(notice)
        except TimeoutError:
            return Temporary(f"no answer in {LONGEST_ATTEMPT_S:g} s")
        except Exception as error:
            return self._defect(error)

    def _defect(self, error: Exception) -> Permanent:
        """Ours, and it must not silence the alerts after this one. What the error says may hold a secret: not told."""
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        where = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else "?"
        _log.error("alert channel %s: a defect of callpulse, %s at %s", self.channel, type(error).__name__, where)
        return Permanent(f"a defect of callpulse: {type(error).__name__}")

    def _report(self, ends: list[End]) -> None:
        for end in ends:
            self._told(Told(self.channel, end.notice, end.how))
