"""What people read about an alert."""

from string import Formatter

import msgspec
import pytest

from callpulse.alerts.core.figures import clock, figure, name, span, told_apart
from callpulse.alerts.core.message import LANGUAGES, brief, message
from callpulse.alerts.core.notice import Acknowledgement, Advice, fingerprint, notice_id
from callpulse.alerts.core.renderings import safe_url
from callpulse.alerts.core.words_en import EN
from callpulse.alerts.core.words_nl import NL
from tests.notices import MINUTE_MS, ONSET_MS, notice

AMSTERDAM = "Europe/Amsterdam"


def test_an_alert_says_what_since_when_how_bad_who_waited_and_what_to_do() -> None:
    told = message(notice(), "en", AMSTERDAM)
    assert told.subject == "Critical: sales (main), service level: 52.3 % (target 80 %)"
    assert told.plain.splitlines() == [
        "Agents are missing.",
        "Service level: 52.3 % (target 80 %). n = 63. Upper bound 61 %.",
        "Since 10:03, for 12 min.",
        "By window: 5m: 48 % (n = 21), 15m: 52.3 % (n = 63). Getting worse. Worst seen: 41 %."
        " Contacts not served as promised since the onset: 31.",
        "Longest waits: c-17 4:10 abandoned, c-21 1:35 still waiting.",
        "Add 2 agents: 66 % → 86 %. With 11 agents the service level settles at 66 %. Abandonment 7 % → 2.5 %."
        " Answer the next 9 in time to bring this interval back.",
        "Rules that agree: harm.",
        "Wallboard: https://wall.example/?queues=sales",
        "What this means: https://docs.example/runbook#capacity",
        f"Rule capacity@1, alert {notice().id}. Times in {AMSTERDAM}.",
    ]


def test_the_end_says_how_long_how_bad_and_how_many_were_hurt_and_gives_no_advice() -> None:
    told = message(notice("resolved", minutes=83, value=0.84), "nl", AMSTERDAM)
    assert told.subject == "Voorbij na 1 u 23 min: sales (main), servicelevel: 84 % (doel 80 %)"
    assert "Van 10:03 tot 11:26, 1 u 23 min lang." in told.plain
    assert "Ergst gezien: 41 %. Contacten die sinds het begin niet volgens belofte zijn geholpen: 31." in told.plain
    assert "wordt erger" not in told.plain.lower()
    assert "medewerkers wordt" not in told.plain


def test_who_has_taken_it_is_told_with_when_and_why() -> None:
    taken = Acknowledgement("Ans", ONSET_MS + 5 * MINUTE_MS, "two called in")
    told = message(notice("acknowledged", acknowledged=taken), "en", AMSTERDAM)
    assert told.subject.startswith("Taken by Ans: sales")
    assert "Taken by Ans at 10:08. Note: two called in" in told.plain


def test_trouble_of_the_whole_site_lists_its_queues() -> None:
    queues = tuple(f"q{number}" for number in range(14))
    told = message(notice(queue="", queues=queues), "en", "UTC")
    assert told.subject.startswith("Critical: the whole site (main)")
    assert "Queues: q0, q1, q2, q3, q4, q5, q6, q7, q8, q9 and 4 more." in told.plain


def test_without_a_value_none_is_shown_and_never_zero() -> None:
    told = message(notice(value=None, bound=None, n=None, readings=()), "en", "UTC")
    assert "service level: no value" in told.subject
    assert "Service level: no value." in told.plain.splitlines()


@pytest.mark.parametrize(
    ("advice", "said"),
    [
        (Advice(interval_lost=True, in_time_needed=9, minutes_left=4.0), "can no longer be met."),
        (Advice(minutes_left=6.5), "lost in about 6 min if nothing changes."),
        (Advice(agents=3, level=0.5, abandonment=0.1), "With 3 agents the service level settles at 50 %. Abandon"),
    ],
)
def test_advice_says_only_what_is_known(advice: Advice, said: str) -> None:
    (line,) = [line for line in message(notice(advice=advice), "en", "UTC").plain.splitlines() if said in line]
    assert "None" not in line


@pytest.mark.parametrize(
    ("advice", "english", "dutch"),
    [
        (Advice(agents=11, level=0.66, more=2, level_with_more=0.86, in_time_needed=9),
         "Add 2 agents: 66 % → 86 %", "Zet er 2 medewerkers bij: 66 % → 86 %"),
        (Advice(agents=3, level=0.507, more=1, level_with_more=0.7999),
         "Add 1 agent: 50 % → 79 %", "Zet er 1 medewerker bij: 50 % → 79 %"),
        (Advice(in_time_needed=9), "Answer the next 9 in time to bring this interval back.",
         "Beantwoord de volgende 9 op tijd om dit interval terug te halen."),
    ],
)  # fmt: skip
def test_a_board_is_told_what_to_do_the_verb_first(advice: Advice, english: str, dutch: str) -> None:
    assert (brief(notice(advice=advice), "en").todo, brief(notice(advice=advice), "nl").todo) == (english, dutch)


def test_no_advice_is_no_line() -> None:
    assert len(message(notice(advice=Advice()), "en", "UTC").plain.splitlines()) == 9


def test_names_from_outside_are_escaped_in_each_format() -> None:
    told = message(notice(queues=("*a*_<script>&[x](http://y)`\n# b",)), "en", "UTC")
    assert "*a*_<script>&[x](http://y)` # b" in told.plain
    assert "\\*a\\*\\_&lt;script&gt;&amp;\\[x\\]\\(http://y\\)\\` \\# b" in told.markdown
    assert "*a*_&lt;script&gt;&amp;[x](http://y)` # b" in told.html


def test_what_turns_the_direction_of_writing_or_is_not_seen_is_left_out() -> None:
    assert name("sa\u202eles\u200b \x00 x\u2028y") == "sa les x y"
    assert name("x" * 100, 10) == "xxxxxxxxx…"
    assert name(" " * 1000 + "x", 10) == "…"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://wall.example/?queues=sales#top", True),
        ("http://10.0.0.7:8080", True),
        ("http://[::1]:8080/x", True),
        ("javascript:alert(1)", False),
        ("https://wall.example/ x", False),
        ("https://wall.example/%zz", False),
        ("https://wall.example:x/", False),
        ('https://wall.example/"onclick="', False),
        ("https://wall.example/\u202e", False),
        ("https://user:word@wall.example/", False),
        ("", False),
    ],
)
def test_only_ordinary_links_are_links(url: str, safe: bool) -> None:
    assert safe_url(url) is safe
    told = message(notice(wall_url=url), "en", "UTC")
    assert ("Wallboard" in told.plain) is safe
    assert ("Wallboard</a>" in told.html) is safe


def test_a_markdown_link_cannot_be_ended_by_its_address() -> None:
    told = message(notice(wall_url="https://wall.example/a)b_c*"), "en", "UTC")
    assert "[Wallboard](https://wall.example/a%29b%5Fc%2A)" in told.markdown


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-03-29T00:30:00Z", "01:30"),  # before clocks are put forward
        ("2026-03-29T01:30:00Z", "03:30"),
        ("2026-03-28T22:59:00Z", "2026-03-28 23:59"),  # the day before, there
        ("2026-03-28T23:00:00Z", "00:00"),
    ],
)
def test_times_are_those_of_the_site(at: str, told: str) -> None:
    day_ms = 1_774_782_000_000  # 2026-03-29T11:00:00Z
    at_ms = round(msgspec.convert(at, type=__import__("datetime").datetime).timestamp() * 1000)
    assert clock(at_ms, AMSTERDAM, day_ms) == told


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.523, "ratio", "52,3 %"),
        (1.0, "ratio", "100 %"),
        (0.0, "ratio", "0 %"),
        (59.96, "s", "60 s"),
        (45.5, "s", "45,5 s"),
        (95.0, "s", "1:35"),
        (119.7, "s", "1:59"),
        (250.0, "s", "4:10"),
        (3725.0, "s", "1:02:05"),
        (12.0, "count", "12"),
        (-0.01, "count", "0"),
        (None, "ratio", "–"),
    ],
)
def test_figures_have_their_unit(value: float | None, unit: str, told: str) -> None:
    assert figure(value, unit, NL) == told  # type: ignore[arg-type]


def test_a_figure_just_below_its_target_does_not_look_like_it() -> None:
    assert told_apart(0.7996, 0.8, "ratio", EN) == ("79.96 %", "80 %")
    assert told_apart(0.8, 0.8, "ratio", EN) == ("80 %", "80 %")
    assert told_apart(60.4, 60.0, "s", NL) == ("1:00,4", "1:00")


def test_spans_are_rounded_down() -> None:
    assert [span(ms, EN) for ms in (59_999, 60_000, 3_599_999, 7_500_000)] == ["59 s", "1 min", "59 min", "2 h 5 min"]


def placeholders(template: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(template) if field is not None}


@pytest.mark.parametrize("field", EN.__struct_fields__)
def test_both_languages_have_every_sentence_with_the_same_placeholders(field: str) -> None:
    assert set(LANGUAGES) == {"en", "nl"}
    english, dutch = getattr(EN, field), getattr(NL, field)
    if isinstance(english, str):
        english, dutch = {"": english}, {"": dutch}
    assert list(english) == list(dutch)
    for key in english:
        assert english[key].strip()
        assert dutch[key].strip()
        assert placeholders(english[key]) == placeholders(dutch[key])


def test_an_alert_keeps_its_id_and_each_piece_of_news_has_its_own() -> None:
    firing, worse = notice(severity="warning"), notice("escalated", minutes=15)
    assert firing.id == worse.id == notice_id("capacity", "sales", ONSET_MS)
    assert firing.news_id != worse.news_id
    assert firing.news_id == notice(severity="warning", value=0.1).news_id
    assert notice_id("a", "bc", 1) != notice_id("ab", "c", 1)


def test_the_fingerprint_is_the_same_whatever_the_figures_and_the_severity() -> None:
    assert fingerprint(notice(value=0.1, severity="warning").labels) == fingerprint(notice().labels)
    assert fingerprint(notice(queue="care").labels) != fingerprint(notice().labels)
