"""Every stored cell against the truth: what recovery would read from the changelogs, of each key the record with the
largest source offset."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from callpulse.stream import codecs
from callpulse.stream.core import tally
from callpulse.stream.core.contact_cells import awake, head
from callpulse.stream.core.windows import LIVE_MS, PANE_MS, floor
from callpulse.stream.partitioning import partition_of
from tests.changelog import fold
from tests.chaos.differences import Difference, differences
from tests.chaos.truth import Truth
from tests.laws.books import named, told

CODECS: dict[str, Any] = {
    "tallies_live": codecs.LIVE, "tallies_interval": codecs.INTERVALS, "tallies_total": codecs.TOTALS,
    "contacts": codecs.CONTACTS, "agents": codecs.AGENTS, "agents_by_queue": codecs.QUEUE_AGENTS,
    "tallies_agents_live": codecs.LIVE, "tallies_agents_interval": codecs.INTERVALS,
}  # fmt: skip
Cells = dict[Any, Any]
Tables = Mapping[str, Cells]


def regressed(codec: Any, records: Iterable[Any]) -> int:
    """Keys whose last record is not the one with the largest source offset: what compaction would keep is wrong."""
    records = list(records)
    right = fold(codec, records)
    last = {codec.decode_key(record.key): record.value for record in records}
    return sum(
        value is not None and codec.offset_of(codec.decode_value(value)) < codec.offset_of(right[key])
        for key, value in last.items()
        if key in right
    )


def compare(truth: Truth, tables: Tables) -> Iterator[Difference]:
    """Every cell within its retention."""
    live = _all(truth.calls.values(), lambda book: book.live)
    intervals = _all(truth.calls.values(), lambda book: book.intervals)
    kept = _keeps(truth, {p: book.clock_ms for p, book in truth.calls.items()})
    yield from differences("tallies_live", _panes(live, kept), _panes(tables["tallies_live"], kept))
    yield from differences("tallies_interval", _tallies(intervals), _tallies(tables["tallies_interval"]))
    yield from differences("tallies_total", _totals(_all(truth.calls.values(), lambda book: book.totals)),
                           _totals(tables["tallies_total"]))  # fmt: skip
    yield from _contacts(truth, tables["contacts"])
    yield from _agents(truth, tables)


def by_oracle(truth: Truth, tables: Tables) -> Iterator[Difference]:
    """The tallies once more, against the second reading of the definitions (tests/laws/oracle.py)."""
    kept = _keeps(truth, {p: book.clock_ms for p, book in truth.calls.items()})
    events = [event for accepted in truth.accepted.values() for event in accepted if hasattr(event, "contact_id")]
    told_of: dict[Any, Any] = dict(told(events))
    expected = {
        key: each
        for key, each in told_of.items()
        if key[1] != "pane" or kept((key[0], floor(key[2] * PANE_MS, LIVE_MS)))
    }
    found: dict[Any, Any] = {
        (queue, "pane", pane): named(each)
        for (queue, start), panes in _panes(tables["tallies_live"], kept).items()
        for pane, each in panes.items()
    }
    found |= {(q, "interval", s): named(each) for (q, s), each in _tallies(tables["tallies_interval"]).items()}
    found |= {(q, "total"): named(each[0]) for q, each in _totals(tables["tallies_total"]).items() if each[0]}
    yield from differences("oracle", expected, found)


def _agents(truth: Truth, tables: Tables) -> Iterator[Difference]:
    agents = _all(truth.agents.values(), lambda book: book.agents)
    yield from differences("agents", _plain(agents), _plain(tables["agents"]))
    members = _all(truth.rosters.values(), lambda book: book.members)
    yield from differences("agents_by_queue", _changes(members), _changes(tables["agents_by_queue"]))
    kept = _keeps(truth, {p: book.clock_ms for p, book in truth.rosters.items()})
    live, stored = tables["tallies_agents_live"], tables["tallies_agents_interval"]
    for name, books in (("", truth.rosters), (" by the agents' own events", truth.forwarded_books())):
        expected = _all(books.values(), lambda book: book.live)
        yield from differences(f"tallies_agents_live{name}", _panes(expected, kept), _panes(live, kept))
        expected = _all(books.values(), lambda book: book.intervals)
        yield from differences(f"tallies_agents_interval{name}", _tallies(expected), _tallies(stored))


def _contacts(truth: Truth, found: Cells) -> Iterator[Difference]:
    """Within the horizon exactly; beyond it a contact may be whole, closed or gone."""
    expected, ours = {}, {}
    for book in truth.calls.values():
        for key, contact in book.contacts.items():
            present = head(contact).last_ms >= book.clock_ms - truth.limits.horizon_ms
            if present or (key in found and awake(found[key]).facts):
                expected[key] = sorted(map(repr, awake(contact).facts))
    for key, contact in found.items():
        if facts := awake(contact).facts:
            ours[key] = sorted(map(repr, facts))
    yield from differences("contacts", expected, ours)


def _keeps(truth: Truth, clocks: Mapping[int, int]) -> Callable[[tuple[str, int]], bool]:
    def kept(key: tuple[str, int]) -> bool:
        return key[1] > clocks[partition_of(key[0], truth.partitions)] - truth.limits.live_ms

    return kept


def _all(books: Iterable[Any], table: Callable[[Any], Mapping[Any, Any]]) -> Cells:
    return {key: cell for book in books for key, cell in table(book).items()}


def _panes(cells: Cells, kept: Callable[[tuple[str, int]], bool]) -> Cells:
    """What is read of them: cells of before have bins of handle times, which nothing reads any more."""
    return {
        key: {pane: tally.without_handle_bins(each) for pane, each in cell.panes.items()}
        for key, cell in cells.items()
        if cell.panes and kept(key)
    }


def _tallies(cells: Cells) -> Cells:
    return {key: tally.without_handle_bins(cell.tally) for key, cell in cells.items() if cell.tally}


def _totals(cells: Cells) -> Cells:
    return {
        key: (tally.difference(cell.booked, cell.taken_back), cell.channel, cell.site, cell.source)
        for key, cell in cells.items()
    }


def _plain(cells: Cells) -> Cells:
    return {key: (c.offset, c.at_ms, c.state, c.reason, c.queues, c.served) for key, c in cells.items()}


def _changes(cells: Cells) -> Cells:
    return {key: [tuple(change) for change in cell.changes] for key, cell in cells.items()}
