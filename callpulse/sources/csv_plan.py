"""One kind of row of a mapping, compiled for a file's columns: cells in, events out."""

from typing import Any

from callpulse.sources.csv_columns import Cells, Columns, Read, RowRefused, shape
from callpulse.sources.csv_mapping import Column, Mapping, Row
from callpulse.sources.csv_times import Moments
from callpulse.sources.names import CustomerKey, customer_hash
from callpulse.stream.core.events import (
    LAST_MS,
    MAX_NAME,
    Abandoned,
    Connected,
    Ended,
    Enqueued,
    Event,
    Exited,
    NotOffered,
    Reason,
    WrappedUp,
)

_EARLIEST_MS = 100_000_000
_DURATIONS = ("wait_s", "talk_s", "hold_s", "wrap_up_s", "ivr_s")
_TEXTS = ("queue", "agent", "customer", "reason", "priority", "by", "channel", "site")
_MOMENTS = ("arrived", "at", "ended")


class RowPlan:
    """`holds(cells)`: is it this kind of row? `events(cells)`: what it says; raises RowRefused."""

    def __init__(
        self, number: int, mapping: Mapping, columns: Columns, moments: Moments, key: CustomerKey | None
    ) -> None:
        row = mapping.row[number]
        self.row = row
        self._place = f"[[row]] number {number + 1}"
        self._columns, self._key = columns, key
        self._moments, self._day = moments, mapping.time.day
        self._conditions = [
            columns.condition(name, condition, f"{self._place} when.{name}") for name, condition in row.when.items()
        ]
        self._durations = {n: columns.duration(c, self._at(n)) for n in _DURATIONS if (c := _get(row, mapping, n))}
        self._texts = {n: columns.text(c, self._at(n)) for n in _TEXTS if (c := _get(row, mapping, n))}
        self._times = {n: (c, columns.index(c, self._at(n))) for n in _MOMENTS if (c := _get(row, mapping, n))}
        self._contact = self._contact_id(_get(row, mapping, "contact_id"))
        if self._day is not None:
            self._day_at = columns.index(self._day.column, "time.day.column")
            self._of_at = columns.index(self._day.of, "time.day.of")

    def _at(self, name: str) -> str:
        return f"{self._place} or [call], {name}"

    def holds(self, cells: Cells) -> bool:
        return all(holds(cells) for holds in self._conditions)

    def events(self, cells: Cells) -> list[Event]:
        if self.row.is_ == "skip":
            return []
        common = self._common(cells)
        seconds = {name: read(cells) for name, read in self._durations.items()}
        arrived, at = self._arrived_and_at(cells, seconds.get("wait_s"))
        if self.row.is_ == "not_offered":
            return [NotOffered(at=at, why=self.row.why, ivr_s=seconds.get("ivr_s"), **common)]
        entered = Enqueued(
            at=arrived,
            ivr_s=seconds.get("ivr_s"),
            customer=self._customer(cells),
            reason=self._text("reason", cells),
            priority=self._text("priority", cells),
            **common,
        )
        return [entered, *self._outcome(cells, at, seconds, common)]

    def _outcome(self, cells: Cells, at: int, seconds: dict[str, float | None], common: dict[str, Any]) -> list[Event]:
        wait_s = seconds.get("wait_s")
        match self.row.is_:
            case "waiting":
                return []
            case "abandoned":
                return [Abandoned(at=at, wait_s=wait_s, **common)]
            case "exited":
                return [Exited(at=at, wait_s=wait_s, cause=self.row.cause, **common)]
        agent = self._text("agent", cells)
        connected = Connected(at=at, agent=agent, wait_s=wait_s, **common)
        return [connected, *self._handling(cells, at, agent, seconds, common)]

    def _handling(
        self, cells: Cells, at: int, agent: str | None, seconds: dict[str, float | None], common: dict[str, Any]
    ) -> list[Event]:
        talk_s, hold_s = seconds.get("talk_s"), seconds.get("hold_s")
        if "ended" in self._times:
            ended = self._utc("ended", cells, at)
        elif talk_s is not None:
            ended = at + round((talk_s + (hold_s or 0)) * 1000)
        else:
            return []
        if ended < at:
            raise RowRefused(self._times["ended"][0], "before the answer; expected a later time", Reason.BAD_VALUE)
        by, wrap_up_s = self._text("by", cells), seconds.get("wrap_up_s")
        events: list[Event] = [Ended(at=ended, agent=agent, talk_s=talk_s, hold_s=hold_s, by=by, **common)]
        if wrap_up_s is not None:
            wrapped = ended + round(wrap_up_s * 1000)
            events.append(WrappedUp(at=wrapped, agent=agent, wrap_up_s=wrap_up_s, **common))
        return events

    def _arrived_and_at(self, cells: Cells, wait_s: float | None) -> tuple[int, int]:
        """Arrival and outcome; the one without a column follows from the other and the wait."""
        wait_ms = None if wait_s is None else round(wait_s * 1000)
        arrived = self._utc("arrived", cells) if "arrived" in self._times else None
        at = self._utc("at", cells, arrived) if "at" in self._times else None
        if arrived is None and at is not None:
            arrived = at - (wait_ms or 0) if wait_ms is not None or self.row.is_ == "not_offered" else None
        if at is None and arrived is not None:
            at = arrived + wait_ms if wait_ms is not None else arrived if self.row.is_ == "waiting" else None
        if arrived is None or at is None:
            raise RowRefused("", "arrival or outcome unknown: no wait in this row", Reason.NO_ARRIVAL)
        if not _EARLIEST_MS <= arrived <= at <= LAST_MS:
            name = self._times.get("at", self._times.get("arrived", ("", 0)))[0]
            raise RowRefused(name, "out of range, or before the arrival; expected a later time", Reason.BAD_VALUE)
        return arrived, at

    def _utc(self, moment: str, cells: Cells, not_before: int | None = None) -> int:
        column, index = self._times[moment]
        text = cells[index].strip()
        try:
            if self._day is None:
                return self._moments.full(text, not_before)
            anchor = self._moments.on_day(cells[self._day_at].strip(), cells[self._of_at].strip())
            return self._moments.utc(self._moments.near(text, anchor), not_before)
        except (ValueError, OverflowError):
            raise RowRefused(column, f"{shape(text)}; expected {self._expected()}", Reason.BAD_VALUE) from None

    def _expected(self) -> str:
        form = self._moments.form
        return form if self._day is None else f"{form} (day: {self._day.format} in {self._day.column!r})"

    def _common(self, cells: Cells) -> dict[str, Any]:
        queue, contact_id = self._texts["queue"](cells), self._contact(cells)
        for name, text in (("queue", queue), ("contact_id", contact_id)):
            if not 0 < len(text) <= MAX_NAME:
                raise RowRefused(name, f"empty or too long; expected at most {MAX_NAME} characters")
        return {
            "queue": queue,
            "contact_id": contact_id,
            "channel": self._text("channel", cells) or "",
            "site": self._text("site", cells) or "",
        }

    def _text(self, name: str, cells: Cells) -> str | None:
        read = self._texts.get(name)
        return (read(cells)[:MAX_NAME] or None) if read is not None else None

    def _customer(self, cells: Cells) -> str | None:
        customer = self._text("customer", cells)
        return customer_hash(customer, self._key) if customer and self._key is not None else None

    def _contact_id(self, columns: Column | tuple[str, ...] | None) -> Read:
        if columns is None:  # a row to skip needs none
            return lambda _: ""
        names = columns if isinstance(columns, tuple) else (columns,)
        reads = [self._columns.text(name, self._at("contact_id")) for name in names]
        if len(reads) == 1:
            return reads[0]

        def joined(cells: Cells) -> str:
            parts = [read(cells) for read in reads]
            return "-".join(parts) if all(parts) else ""

        return joined


def _get(row: Row, mapping: Mapping, name: str) -> Any:
    own = getattr(row, name)
    return getattr(mapping.call, name) if own is None else own
