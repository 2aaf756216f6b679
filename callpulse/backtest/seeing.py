"""What alert rules see of a queue at the end of a pane, and nothing more: what no rule asks for costs nothing."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from callpulse.alerts.core.moment import Figures, Moment
from callpulse.alerts.core.rules import NOW, Rule, Seen
from callpulse.backtest.books import Books
from callpulse.stream.core import kpis, snapshot, windows
from callpulse.stream.core.kpis import Figure, Part, Policy
from callpulse.stream.core.snapshot import QueueView
from callpulse.stream.core.tally import Tally
from callpulse.stream.core.windows import BOARD_WINDOWS, ROLLING, Span

OCCUPANCY = "occupancy"
AGENTS_READY = "agents.ready"


class Asked(NamedTuple):
    """Windows of the board, KPI ids, and whether what has no window is asked for."""

    windows: tuple[str, ...]
    kpis: frozenset[str]
    now: bool


def asked(rules: Iterable[Rule], shown: Iterable[tuple[str, str]]) -> Asked:
    """By rules, and by pictures: (KPI, window)."""
    rules, shown = list(rules), list(shown)
    named = {window for rule in rules for window in (*rule.windows, *rule.clear_on)} | {window for _, window in shown}
    ids = {rule.kpi for rule in rules} | {kpi for kpi, _ in shown}
    if "agents_ready" in ids:
        ids.add(AGENTS_READY)
    now = any(kpi in ids for kpi in ("contacts_waiting", "longest_wait_s")) or any(
        each[:7] == "agents." for each in ids
    )
    return Asked(tuple(each for each in BOARD_WINDOWS if each in named), frozenset(ids), now)


class Sight:
    """Reads the books. `policy`: queue -> how it is judged."""

    def __init__(self, books: Books, policy: Callable[[str], Policy]) -> None:
        self._books = books
        self._policy = policy
        self._policies: dict[str, Policy] = {}
        self._known: dict[tuple[str, str], tuple[Part, dict[str, Seen]]] = {}  # what came out for this part before

    def policy(self, queue: str) -> Policy:
        if queue not in self._policies:
            self._policies[queue] = self._policy(queue)
        return self._policies[queue]

    def moment(self, queue: str, wanted: Asked, end_ms: int) -> Moment:
        """The queue at the end of a pane that has been closed."""
        policy = self.policy(queue)
        return Moment(
            queue=queue,
            at_ms=end_ms,
            policy=policy,
            figures=self._figures(queue, policy, wanted, end_ms),
            ticks=self._books.ticks(queue, policy, end_ms),
            interval_end_ms=windows.interval(end_ms, self._books.calendar).end_ms,
        )

    def _figures(self, queue: str, policy: Policy, wanted: Asked, end_ms: int) -> Figures:
        books, roster = self._books, self._books.roster
        spans = {name: self._span(name, end_ms) for name in wanted.windows if name != "all"}
        people = snapshot.agent_time([roster], queue, spans, end_ms) if OCCUPANCY in wanted.kpis else {}
        view = QueueView(
            queue,
            end_ms,
            policy,
            spans,
            {name: self._tally(name, queue, spans.get(name), end_ms) for name in wanted.windows},
            books.book.waits.arrivals(queue),
            people,
            roster.present(queue, end_ms) if wanted.now else (),
        )
        found = {name: self._window(view, name, wanted.kpis) for name in wanted.windows}
        if wanted.now:
            found[NOW] = _seen(snapshot.now([view], view.present), wanted.kpis)
        return found

    def _window(self, view: QueueView, name: str, ids: frozenset[str]) -> dict[str, Seen]:
        part, key = snapshot.part(view, name), (view.queue, name)
        known = self._known.get(key)
        if known is None or known[0] != part:
            known = self._known[key] = (part, _seen(kpis.figures([part]), ids))
        if name not in view.agent_ms:
            return known[1]
        return known[1] | _seen({OCCUPANCY: kpis.occupancy(view.agent_ms[name])}, ids)

    def _span(self, name: str, end_ms: int) -> Span:
        if name in ROLLING:
            return windows.rolling(end_ms, ROLLING[name])
        calendar = self._books.calendar
        return windows.interval(end_ms, calendar) if name == "interval" else windows.day(end_ms, calendar)

    def _tally(self, name: str, queue: str, span: Span | None, end_ms: int) -> Tally:
        reader = self._books.reader
        if span is None:
            return reader.total(queue)
        if name in ROLLING:
            return reader.rolling(queue, span)
        return reader.sums.cells(queue, span) if name == "interval" else reader.sums.day(queue, span, end_ms)


def _seen(figures: dict[str, Figure], ids: frozenset[str]) -> dict[str, Seen]:
    return {kpi: Seen(figure.value, figure.n) for kpi in ids if (figure := figures.get(kpi)) is not None}
