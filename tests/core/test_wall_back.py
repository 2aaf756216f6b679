"""Looking back at an interval: its tally, every formula, the worst contacts, in the reader's language."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callpulse.board.words import Language
from callpulse.current.parts import Interval, Wait
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.catalogue import FORMULAS
from callpulse.stream.core.details import IntervalStrip
from callpulse.stream.core.kpis import Part, Policy, figures
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.windows import Calendar, Span
from callpulse.wallboard.back import Asked, Back, back, formulas
from tests.wall.looked import LAST, ZONE, interval

DAY = [interval(place) for place in range(LAST + 1)]


def looked(place: int, language: Language = "en", worst: tuple[Wait, ...] = (), **policy: Any) -> Back:
    found = back(Asked("a\x1b", Policy(**policy), language, ZONE), DAY, DAY[place].start_ms, worst)
    assert found is not None
    return found


def test_an_interval_has_its_tally_its_kpis_and_every_formula() -> None:
    found = looked(0)
    assert (found.name, found.title, found.state, found.before_ms) == ("a�", "08:30–09:00", "by arrival", None)
    tally, kpis, levels = found.sections
    assert [(fact.label, fact.text, fact.under) for fact in tally.facts] == [
        ("offered", "32", False), ("answered (A)", "27", False), ("of them within T (A_T)", "24", True),
        ("abandoned (B)", "3", False), ("of them within T (B_T)", "2", True), ("of them short (B_s)", "1", True),
        ("left the queue (X)", "2", False), ("by a key", "2", True), ("lost (end unknown)", "0", False),
        ("handled", "26", False),
    ]  # fmt: skip
    assert [(fact.label, fact.text, fact.n) for fact in kpis.facts] == [
        ("Service level", "75 %", "n 32"), ("ASA", "14 s", "n 27"), ("Abandoned", "9.4 %", "n 32"),
        ("AHT", "4:11", "n 26"),
    ]  # fmt: skip
    assert levels.title == "Service level by each formula, T = 20 s, short: under 5 s"
    assert [(fact.id, fact.text, fact.n, fact.note) for fact in levels.facts] == [
        ("answered_only", "88 %", "n 27", ""), ("abandons_missed", "75 %", "n 32", "this queue's"),
        ("abandons_met", "81 %", "n 32", ""), ("abandons_ignored_within_t", "80 %", "n 30", ""),
        ("short_ignored", "77 %", "n 31", ""), ("short_met", "78 %", "n 32", ""),
    ]  # fmt: skip


def test_one_that_runs_is_provisional_and_the_last_and_dutch_is_dutch() -> None:
    found = looked(LAST, "nl")
    assert found.state == "voorlopig: nog niet ieders gesprek is voorbij"
    assert (found.before_ms, found.after_ms) == (DAY[LAST - 1].start_ms, None)
    assert found.sections[1].facts[2].text == "9,4 %"


def test_the_worst_contacts_are_those_who_arrived_in_it() -> None:
    start = DAY[3].start_ms
    worst = (
        Wait("late", 90_000, "answered", start + 60_000),  # it arrived before
        Wait("in", 90_000, "answered", start + 90_000),
        Wait("waits", 80_000, "waiting", DAY[4].start_ms - 1),
        Wait("next", 80_000, "waiting", DAY[4].start_ms),
    )
    assert [(each.contact_id, each.wait, each.outcome) for each in looked(3, worst=worst).contacts] == [
        ("in", "1:30", "answered"), ("waits", "1:20", "waits"),
    ]  # fmt: skip
    assert "ten longest" in looked(5, worst=worst).no_contacts


def test_of_a_formula_that_does_not_fit_the_figures_nothing_is_said_to_be_the_queues_own() -> None:
    assert {fact.note for fact in looked(0, formula="answered_only").sections[2].facts} == {""}


def test_a_worker_that_gives_too_little_has_no_formulas() -> None:
    old = msgspec.structs.replace(DAY[0], level_n=None)
    found = back(Asked("a", Policy(), "en", ZONE), [old], old.start_ms, ())
    assert found is not None
    assert (found.sections[2].facts, found.sections[1].facts[0].n) == ((), "not known: an older worker wrote it")


def test_where_none_begins_there_is_none() -> None:
    asked = Asked("a", Policy(), "en", ZoneInfo("UTC"))
    assert back(asked, DAY, DAY[0].start_ms + 1, ()) is None
    assert back(asked, (), 0, ()) is None


WAITS = st.lists(st.tuples(st.sampled_from(["answered", "abandoned", "exited"]), st.integers(0, 60)), max_size=12)


@given(WAITS, st.sampled_from([0, 10, 20]), st.sampled_from([0, 5, 30]))
def test_every_formula_says_what_callpulse_check_says(
    waits: list[tuple[str, int]], threshold_s: int, short_s: int
) -> None:
    policy, book, at = Policy(threshold_s=threshold_s, short_abandon_s=short_s), CallBook(Limits(), 0), 10**12
    made = {"answered": ev.Connected, "abandoned": ev.Abandoned, "exited": ev.Exited}
    for number, (kind, wait_s) in enumerate(waits):
        book.take(made[kind](at=at + wait_s * 1000, queue="q", contact_id=str(number), wait_s=wait_s), number)
        book.settle(number)
    reader = WindowReader(book, Calendar())
    row = msgspec.json.decode(IntervalStrip(reader).rows("q", policy, at + 60_000)[-1])
    of = msgspec.convert(row, Interval)
    checked = figures([Part(reader.sums.cells("q", Span(of.start_ms, of.end_ms)), policy)])
    for fact in formulas(of, policy, "en"):
        found = checked[f"service_level.{fact.id}.{threshold_s}"]
        assert fact.n == f"n {max(0, found.n or 0)}"
        assert fact.text == ("–" if found.value is None else f"{int(found.value * 100 + 1e-6)} %")
        assert fact.label == FORMULAS[fact.id]
