"""What rules can be about is what the board shows, and some of our own."""

from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.present import value_of
from callpulse.alerts.core.rules import LENGTH_ORDER, Level, Rule, Seen
from callpulse.alerts.core.subjects import LEVELS, OWN, SUBJECTS
from callpulse.stream.core import catalogue
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import HOUR_MS, Limits
from callpulse.stream.core.snapshot import Figures, WindowReader, figures, view
from callpulse.stream.core.windows import Calendar

NOON = 1_795_262_400_000  # 2026-11-21T12:00Z
NAMED_BY_THEIR_KIND = ("answered_within.", "service_level.", "exited.", "lost.", "not_offered.")
FOR_CLOCKS_OF_READERS = {"longest_wait_start_ms"}


def board() -> Figures:
    """Somebody was answered, somebody left, somebody waits."""
    kept = CallBook(Limits(), NOON - HOUR_MS)
    events = (
        ev.Connected(at=NOON, queue="sales", contact_id="1", wait_s=5),
        ev.Exited(at=NOON, queue="sales", contact_id="2", wait_s=5, cause="timeout"),
        ev.Enqueued(at=NOON, queue="sales", contact_id="3"),
        ev.Heartbeat(at=NOON + 5_000),
    )
    for offset, event in enumerate(events):
        kept.take(event, offset)
        kept.settle(offset)
    return figures([view(WindowReader(kept, Calendar()), [], "sales", Policy(), kept.clock_ms)])


def test_every_figure_is_a_subject_in_the_windows_where_it_is_and_in_no_other() -> None:
    shown: dict[str, set[str]] = {}
    for window, found in board().items():
        for kpi in found.keys() - FOR_CLOCKS_OF_READERS:
            if not kpi.startswith(NAMED_BY_THEIR_KIND):
                shown.setdefault(kpi, set()).add(window)
    own = {subject.id for subject in OWN}
    assert shown == {kpi: set(subject.windows) for kpi, subject in SUBJECTS.items() if kpi not in own}


def test_a_subject_has_evidence_where_its_figure_says_how_much() -> None:
    for window, found in board().items():
        for kpi, figure in found.items():
            if kpi in SUBJECTS:
                assert (SUBJECTS[kpi].behind is None) == (figure.n is None), (window, kpi)


def test_units_are_those_of_the_catalogue_and_windows_are_known() -> None:
    for kpi, subject in SUBJECTS.items():
        assert subject.unit == catalogue.unit_of(kpi) or subject in OWN
        assert set(subject.windows) <= set(LENGTH_ORDER)
        assert subject.usual_window in subject.windows
    assert {SUBJECTS[kpi].unit for kpi in LEVELS} == {"ratio"}


def test_where_a_rule_looks_that_names_no_window() -> None:
    usual = {kpi: SUBJECTS[kpi].usual_window for kpi in ("asa_s", "agents_ready", "longest_wait_s", "ledger_residual")}
    assert usual == {"asa_s": "15m", "agents_ready": "now", "longest_wait_s": "now", "ledger_residual": "interval"}


def test_what_is_the_alerts_own_is_said_with_its_value_nought_too() -> None:
    """Nobody is free: 0, not "no value"."""
    rule = Rule(name="nobody", kpi="agents_ready", side="below", windows=("now",), critical=Level(1, 2))
    moment = Moment(queue="sales", at_ms=NOON, policy=Policy(), figures={"now": {"agents.ready": Seen(0)}})
    assert value_of("agents_ready", rule, moment, None) == 0
