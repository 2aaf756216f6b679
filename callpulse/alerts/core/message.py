"""From a notice to what people read: subject, plain text, Markdown and HTML, in English or Dutch.

What comes from outside (queues, sites, contacts, names of people and rules) is put on one line, cut, and escaped for
each format. Lists are cut too, so that a message is never longer than `LONGEST` characters in any format.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from callpulse.alerts.core import advice_words
from callpulse.alerts.core.figures import clock, figure, name, span, told_apart
from callpulse.alerts.core.notice import TEST_RULE, Acknowledgement, Notice, Reading, WorstContact
from callpulse.alerts.core.present import AGE
from callpulse.alerts.core.renderings import Line, as_html, markdown, plain, safe_url
from callpulse.alerts.core.words import Language, Words
from callpulse.alerts.core.words_en import EN
from callpulse.alerts.core.words_nl import NL

LANGUAGES: dict[Language, Words] = {"en": EN, "nl": NL}
LONGEST = 40_000
LONGEST_SUBJECT = 250
MOST_CONTACTS = 5
MOST_NAMES = 10
MOST_READINGS = 4
MOST_OF_A_NOTE = 200


class Brief(Struct, frozen=True):
    """What boards show of a notice. `sentence` says all; `fact` and `todo` go with severity and queue; `todo` is ""
    where nothing can be advised."""

    sentence: str
    fact: str
    todo: str


class Message(Struct, frozen=True):
    """What people read: `subject`, one plain line, and what stands below it in three formats that say the same."""

    subject: str
    plain: str
    markdown: str
    html: str


def message(notice: Notice, language: Language, zone: str) -> Message:
    """The words for a notice, with times of day in the IANA zone of its site."""
    words = LANGUAGES[language]
    if notice.labels.rule == TEST_RULE:
        return _test(notice, words)
    subject = _subject(notice, words)
    every = [*_lines(notice, words, zone), *_links(notice, words), Line(_footer(notice, words, zone))]
    return Message(subject, plain(every), markdown(every), as_html(every))


def brief(notice: Notice, language: Language) -> Brief:
    """The notice in a line."""
    words = LANGUAGES[language]
    fact = _sentence(_value(notice, words)).removesuffix(".")
    cause = _cause(notice, words)
    todo = advice_words.line(notice.advice, words) if notice.advice and notice.kind != "resolved" else ""
    return Brief(_subject(notice, words), name(" · ".join(filter(None, (fact, cause))), LONGEST_SUBJECT), todo)


def over(notice: Notice, language: Language) -> str:
    """`over after 11 min, service level at worst 74 %, 9 not served as promised`, of one that is."""
    words = LANGUAGES[language]
    said = [words.over.format(duration=span(notice.duration_ms, words))]
    if notice.worst is not None:
        kpi = _known(notice.kpi or notice.labels.kpi, words.kpis)
        said.append(words.at_worst.format(kpi=kpi, worst=figure(notice.worst, notice.unit, words)))
    if notice.hurt is not None:
        said.append(words.late.format(hurt=notice.hurt))
    return ", ".join(said)


def _test(notice: Notice, words: Words) -> Message:
    """Nobody may take it for an alert."""
    said = (words.test_over if notice.kind == "resolved" else words.test).format(site=name(notice.labels.site))
    return Message(said, plain([Line(said)]), markdown([Line(said)]), as_html([Line(said)]))


def _subject(notice: Notice, words: Words) -> str:
    by = name(notice.acknowledged.by) if notice.acknowledged else "?"
    told = words.subjects[notice.kind].format(
        severity=words.severities[notice.labels.severity],
        place=_place(notice, words),
        figure=_value(notice, words) + _why_aged(notice, words),
        duration=span(notice.duration_ms, words),
        by=by,
    )
    return name(_sentence(told).removesuffix("."), LONGEST_SUBJECT)


def _why_aged(notice: Notice, words: Words) -> str:
    """An age alone does not tell whether the worker or the source has to be looked at."""
    return f" {_sentence(cause)}" if notice.labels.kpi == AGE and (cause := _cause(notice, words)) else ""


def _lines(notice: Notice, words: Words, zone: str) -> Iterator[Line]:
    """One paragraph each; those that have nothing to say are absent."""
    if cause := _cause(notice, words):
        yield Line(_sentence(cause) + ".")
    yield Line(" ".join(_evidence(notice, words)), strong=True)
    yield Line(_when(notice, words, zone))
    if moved := " ".join(_movement(notice, words)):
        yield Line(moved)
    if notice.queues:
        yield Line(words.queues.format(queues=_names(notice.queues, words)))
    if notice.worst_contacts:
        yield Line(words.contacts.format(contacts=_contacts(notice.worst_contacts, words)))
    if notice.advice and notice.kind != "resolved" and (todo := " ".join(advice_words.sentences(notice.advice, words))):
        yield Line(todo)
    if notice.acknowledged:
        yield Line(" ".join(_taken(notice.acknowledged, notice, words, zone)))
    if others := [rule for rule in notice.labels.rules if rule != notice.labels.rule]:
        yield Line(words.agreeing.format(rules=_names(others, words)))


def _when(notice: Notice, words: Words, zone: str) -> str:
    onset, duration = clock(notice.onset_ms, zone, notice.at_ms), span(notice.duration_ms, words)
    if notice.ended_ms is None:
        return words.since.format(clock=onset, duration=duration)
    return words.ended.format(clock=onset, end=clock(notice.ended_ms, zone, notice.at_ms), duration=duration)


def _evidence(notice: Notice, words: Words) -> Iterator[str]:
    yield _sentence(_value(notice, words))
    if notice.n is not None:
        yield words.evidence.format(n=notice.n)
    if notice.bound is not None and notice.value is not None:
        template = words.bound_above if notice.bound >= notice.value else words.bound_below
        yield template.format(bound=figure(notice.bound, notice.unit, words))


def _value(notice: Notice, words: Words) -> str:
    kpi = _known(notice.kpi or notice.labels.kpi, words.kpis)
    if notice.value is None:
        return words.no_value.format(kpi=kpi)
    if notice.target is None:
        return words.without_target.format(kpi=kpi, value=figure(notice.value, notice.unit, words))
    value, target = told_apart(notice.value, notice.target, notice.unit, words)
    promised = (notice.kpi or notice.labels.kpi).startswith("service_level")
    return (words.against if promised else words.beyond).format(kpi=kpi, value=value, target=target)


def _movement(notice: Notice, words: Words) -> Iterator[str]:
    if notice.readings:
        told = ", ".join(_reading(reading, notice, words) for reading in notice.readings[:MOST_READINGS])
        yield words.reading_windows.format(readings=told)
    if notice.trend and notice.kind != "resolved":
        yield _sentence(words.trends[notice.trend]) + "."
    if notice.worst is not None:
        yield words.worst.format(worst=figure(notice.worst, notice.unit, words))
    if notice.hurt is not None:
        yield words.hurt.format(hurt=notice.hurt)


def _reading(reading: Reading, notice: Notice, words: Words) -> str:
    window = words.now if reading.window == "now" else name(reading.window)
    value = figure(reading.value, notice.unit, words)
    return f"{window}: {value}" if reading.n is None else words.reading.format(window=window, value=value, n=reading.n)


def _contacts(contacts: Sequence[WorstContact], words: Words) -> str:
    return ", ".join(
        words.contact.format(
            contact=name(each.contact_id), wait=figure(each.wait_s, "s", words), outcome=words.outcomes[each.outcome]
        )
        for each in contacts[:MOST_CONTACTS]
    )


def _taken(taken: Acknowledgement, notice: Notice, words: Words, zone: str) -> Iterator[str]:
    yield words.acknowledged.format(by=name(taken.by), clock=clock(taken.at_ms, zone, notice.at_ms))
    if why := name(taken.why, MOST_OF_A_NOTE):
        yield words.why.format(why=why)


def _links(notice: Notice, words: Words) -> list[Line]:
    both = ((words.wall, notice.wall_url), (words.runbook, notice.runbook_url))
    return [Line(text, url=url) for text, url in both if safe_url(url)]


def _footer(notice: Notice, words: Words, zone: str) -> str:
    definition = name(notice.definition or notice.labels.rule)
    return words.footer.format(definition=definition, alert=name(notice.id), zone=zone)


def _place(notice: Notice, words: Words) -> str:
    queue = name(notice.labels.queue) or words.whole_site
    return words.place.format(queue=queue, site=name(notice.labels.site))


def _cause(notice: Notice, words: Words) -> str:
    """What is behind it, as that it was where it is over; "" where that is unknown."""
    cause = notice.labels.cause
    past = f"{cause}_past" if notice.kind == "resolved" else cause
    named = f" ({_names(notice.sources, words)})" if notice.sources else ""
    return _known(past if past in words.causes else cause, words.causes) + named if cause else ""


def _names(names: Sequence[str], words: Words) -> str:
    told = ", ".join(name(each) for each in names[:MOST_NAMES])
    left = len(names) - MOST_NAMES
    return f"{told} {words.more_queues.format(count=left)}" if left > 0 else told


def _known(key: str, table: dict[str, str]) -> str:
    return table.get(key) or name(key.replace("_", " "))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
