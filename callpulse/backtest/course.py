"""One set of rules over a whole log: an engine that is asked at every end of a pane, and what it would have told."""

from collections.abc import Iterable, Mapping, Sequence

from callpulse.alerts.core import queue_alert
from callpulse.alerts.core.engine import Engine, Plan
from callpulse.alerts.core.held import Fact
from callpulse.alerts.core.lifecycle import Sight
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.queue_alert import Change, Watch
from callpulse.alerts.core.site_alert import MANY, Place
from callpulse.backtest import episode as episodes
from callpulse.backtest.alert import SITE, Alert
from callpulse.backtest.books import Books
from callpulse.backtest.episode import Episode
from callpulse.stream.core.kpis import Policy


class Course:
    """An accumulator. `alerts` in the order of their ends, `changes` and `notices` in that of the looks."""

    def __init__(self, plan: Plan) -> None:
        self.engine = Engine(plan._replace(by_wall_clock=False))
        self.alerts: list[Alert] = []
        self.changes: list[Change] = []
        self.notices: list[Notice] = []
        self._open: dict[str, Episode] = {}
        self._facts: list[Fact] = []
        self._seen: list[tuple[Moment, int]] = []  # of queues in trouble, and when the look before was

    def watch(self, queue: str, policy: Policy) -> Watch:
        """How this queue is watched."""
        return self.engine.watch(Moment(queue=queue, at_ms=0, policy=policy, figures={}))

    def expected(self, queue: str) -> float | None:
        """Of the next half hour, as the last look at the queue has it."""
        reading = self.engine.looked[queue].reading
        return None if reading is None else reading.forecast

    def look(self, moment: Moment) -> None:
        """Judge a queue."""
        before_ms = self.engine.held.queue(moment.queue).alert.at_ms
        self._facts += self.engine.look(moment, Sight.SEEN)
        alert = self.engine.looked[moment.queue].alert
        if alert.fired[-1] or alert.incident is not None or moment.queue in self._open:
            self._seen.append((moment, before_ms))

    def look_around(self, books: Books, end_ms: int) -> None:
        """After all queues: the site, and what there is to tell of this round. A site without trouble has none."""
        if self._seen or self.engine.held.sites[MANY].state.severity:
            self._facts += self.engine.look_around(self._places(books, end_ms), end_ms)
        if self._facts or self._seen:
            self._note(self.engine.as_one(self._facts), end_ms)
        self._facts, self._seen = [], []

    def finish(self) -> None:
        """The log is over; what stands lasts beyond it."""
        self.alerts += [each.ended(None) for each in self._open.values()]
        self._open = {}

    def _places(self, books: Books, end_ms: int) -> Mapping[str, Place]:
        found = {}
        for queue in self.engine.held.queues:
            onset_ms, muted = self.engine.onset(queue, end_ms)
            found[queue] = Place(end_ms, None, books.is_busy(queue, end_ms), onset_ms, end_ms, muted)
        return found

    # -- what came of a round

    def _note(self, facts: Sequence[Fact], end_ms: int) -> None:
        self.changes += [change for fact in facts for change in fact.changes]
        notices = [fact.notice for fact in facts if fact.notice is not None]
        self.notices += notices
        for moment, before_ms in self._seen:
            self._follow(moment, before_ms)
        self._follow_site(end_ms)
        self._tell(notices)
        self._close(end_ms)

    def _follow(self, moment: Moment, before_ms: int) -> None:
        queue, at_ms = moment.queue, moment.look_ms
        looked, watch = self.engine.looked[queue], self.watch(queue, moment.policy)
        joined, episode = episodes.shown(looked, watch), self._open.get(queue)
        if episode is None and joined is not None:
            episode = self._open[queue] = episodes.of_queue(looked, watch, joined, at_ms)
            before_ms = queue_alert.look_before(episode.trouble)
        if episode is None:
            return
        episode.goes_on(joined, episodes.followed(episode.trouble, looked, watch, moment, before_ms), at_ms)
        episode.of_site = episode.of_site or self.engine.held.sites[MANY].incident is not None

    def _follow_site(self, end_ms: int) -> None:
        held, episode = self.engine.held.sites[MANY], self._open.get(SITE)
        if held.incident is not None:
            if episode is None:
                episode = self._open[SITE] = Episode(SITE, held.incident, end_ms)
            episode.goes_on(held.incident.joined, held.incident, end_ms)
            episode.queues = held.queues

    def _tell(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            episode = self._open.get(notice.labels.queue)
            if episode is not None:
                episode.tell(notice)

    def _close(self, end_ms: int) -> None:
        for queue in [queue for queue in self._open if not self._lasts(queue)]:
            self.alerts.append(self._open.pop(queue).ended(end_ms))

    def _lasts(self, queue: str) -> bool:
        if queue == SITE:
            return self.engine.held.sites[MANY].incident is not None
        alert = self.engine.held.queue(queue).alert
        return alert.fired[-1] or alert.incident is not None
