"""One interval of a queue's day, looked back at: its tally, its KPIs under every formula, the worst contacts. Pure."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from callpulse.board import figures
from callpulse.board.words import Language
from callpulse.current.parts import Interval, Wait
from callpulse.stream.core.catalogue import FORMULAS
from callpulse.stream.core.kpis import Counts, Policy, service_levels
from callpulse.wallboard.back_words import BACK
from callpulse.wallboard.day import hours
from callpulse.wallboard.words import LANGUAGES

MOST_WORST = 10  # of the longest waits
INDENTED = frozenset({"answered_within_t", "abandoned_within_t", "abandoned_short"})


class Fact(Struct, frozen=True, omit_defaults=True):
    """A figure with its name; `under`: it is part of the one above; `n`: what it was divided by, `note`: more of it."""

    id: str
    label: str
    text: str
    n: str = ""
    note: str = ""
    under: bool = False


class Contact(Struct, frozen=True):
    """By the id that the source gave it; never a customer."""

    contact_id: str
    wait: str
    outcome: str
    arrived: str


class Section(Struct, frozen=True):
    """A title, and what stands below it."""

    title: str
    facts: tuple[Fact, ...]


class Back(Struct, frozen=True, kw_only=True):
    """`name`: of the queue, safe to be shown; `title`: from when until when; `state`: final or provisional, in words.
    `before_ms`, `after_ms`: the start of its neighbours."""

    queue: str
    name: str
    title: str
    state: str
    sections: tuple[Section, ...]
    contacts_title: str
    contacts: tuple[Contact, ...] = ()
    no_contacts: str = ""
    before_ms: int | None = None
    after_ms: int | None = None


class Asked(Struct, frozen=True):
    """Whose interval, how it is judged, and for whom it is told. `queue` "" and no policy: several, each by its own;
    `name`: what that is called."""

    queue: str
    policy: Policy | None
    language: Language
    zone: ZoneInfo
    name: str = ""


def back(asked: Asked, day: Sequence[Interval], start_ms: int, worst: Sequence[Wait]) -> Back | None:
    """The interval of the day that begins then, with the MOST_WORST longest waits; None where none does."""
    place = next((at for at, each in enumerate(day) if each.start_ms == start_ms), None)
    if place is None:
        return None
    of, words = day[place], BACK[asked.language]
    arrived = (each for each in worst if of.start_ms <= each.arrived_ms < of.end_ms)
    contacts = sorted(arrived, key=lambda wait: -wait.wait_ms)[:MOST_WORST]
    return Back(
        queue=asked.queue,
        name=figures.printable(asked.name or asked.queue),
        title=f"{hours(of.start_ms, asked.zone)}–{hours(of.end_ms, asked.zone)}",
        state=words.provisional if of.provisional else words.final if of.offered else words.nothing,
        sections=(
            Section(words.tally, _tally(of, asked.language)),
            Section(words.kpis, _ratios(of, asked.language)),
            Section(_each_formula(asked), formulas(of, asked.policy, asked.language)),
        ),
        contacts_title=words.contacts,
        contacts=tuple(_contact(each, asked) for each in contacts),
        no_contacts="" if contacts else words.no_contacts,
        before_ms=day[place - 1].start_ms if place else None,
        after_ms=day[place + 1].start_ms if place + 1 < len(day) else None,
    )


def _each_formula(asked: Asked) -> str:
    words, policy = BACK[asked.language], asked.policy
    if policy is None:
        return words.formulas_of_several
    return words.formulas.format(threshold=policy.threshold_s, short=policy.short_abandon_s)


def formulas(of: Interval, policy: Policy | None, language: Language) -> tuple[Fact, ...]:
    """The service level by each of the six; the queue's own is the one that its worker published too; several queues
    have none of their own. None where an older worker wrote it, which gives too little."""
    if of.level_n is None:
        return ()
    counts = Counts(
        of.answered, of.abandoned, of.exited, of.answered_within_t, of.abandoned_within_t, of.abandoned_short
    )
    found = service_levels(counts)
    own = policy.formula if policy and found[policy.formula] == (of.met, of.level_n) else None
    return tuple(
        Fact(name, FORMULAS[name], _percent(met / n if n > 0 else None), f"n {max(0, n):.0f}",
             BACK[language].own if name == own else "")
        for name, (met, n) in found.items()
    )  # fmt: skip


def _tally(of: Interval, language: Language) -> tuple[Fact, ...]:
    words, found = BACK[language], []
    for kpi, label in words.counts.items():
        found.append(Fact(kpi, label, figures.count(getattr(of, kpi)), under=kpi in INDENTED))
        if kpi == "exited":
            causes = sorted(of.exits.items())
            found += [Fact(f"exited.{c}", words.causes.get(c, c), figures.count(n), under=True) for c, n in causes]
    return tuple(found)


def _ratios(of: Interval, language: Language) -> tuple[Fact, ...]:
    words, decimal = BACK[language], LANGUAGES[language].decimal
    texts: dict[str, Callable[[], tuple[str, int | None]]] = {
        "service_level": lambda: (_percent(of.level), of.level_n),
        "asa_s": lambda: (_seconds(of.asa_s), of.answered),
        "abandonment_rate": lambda: (_share(of.abandonment_rate, decimal), of.answered + of.abandoned + of.exited),
        "aht_s": lambda: (_seconds(of.aht_s), of.handled),
    }
    found = [(kpi, *texts[kpi]()) for kpi in words.ratios]
    return tuple(
        Fact(kpi, words.ratios[kpi], text, words.unknown if n is None else f"n {figures.count(n)}")
        for kpi, text, n in found
    )


def _contact(wait: Wait, asked: Asked) -> Contact:
    return Contact(
        contact_id=figures.printable(wait.contact_id),
        wait=figures.duration(wait.wait_ms // 1000),
        outcome=BACK[asked.language].outcomes.get(wait.outcome, wait.outcome),
        arrived=hours(wait.arrived_ms, asked.zone),
    )


def _percent(level: float | None) -> str:
    return figures.NOTHING if level is None else f"{figures.level(level)} %"


def _share(ratio: float | None, decimal: str) -> str:
    return figures.NOTHING if ratio is None else f"{figures.share(ratio, decimal)} %"


def _seconds(value: float | None) -> str:
    return figures.seconds(value) + (" s" if value is not None and value < 99.5 else "")
