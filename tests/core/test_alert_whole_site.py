"""Alerts of the whole site: many queues at once, old data, silent sources."""

from msgspec.structs import replace

from callpulse.alerts.core.message import message
from callpulse.alerts.core.site_alert import MANY, NO_DATA, SILENT
from callpulse.alerts.core.standing import labels_of
from callpulse.alerts.showing import rows
from tests.alert_site import BAD, LATE, WELL, Site, plan, quiet
from tests.timeline import ms_of


def test_many_queues_at_once_are_one_alert_with_the_list() -> None:
    site = Site(plan([LATE]))
    names = [f"q{number}" for number in range(8)]
    for name in names:
        site.see(name, WELL)
    site.go("09:00", "09:10")
    for name in names[:6]:
        site.see(name, BAD)
    site.go("09:10", "09:40")
    assert [each[1:3] for each in site.told] == [("", "firing")]
    (told,) = site.notices
    assert (told.labels.cause, told.queues) == ("site", tuple(names[:6]))
    for name in names:
        site.see(name, WELL)
    site.go("09:40", "10:00")
    assert [each[1:3] for each in site.told] == [("", "firing"), ("", "resolved")]


def test_what_outlasts_the_trouble_of_the_site_is_told_by_itself() -> None:
    site = Site(plan([LATE]))
    for number in range(8):
        site.see(f"q{number}", BAD)
    site.go("09:00", "09:30")
    for number in range(7):
        site.see(f"q{number}", WELL)
    site.go("09:30", "09:50")
    assert [each[1:3] for each in site.told] == [("", "firing"), ("", "resolved"), ("q7", "firing")]


def test_two_queues_of_eight_are_told_each() -> None:
    site = Site(plan([LATE]))
    for number in range(8):
        site.see(f"q{number}", BAD if number < 2 else WELL)
    site.go("09:00", "09:10")
    assert [each[1] for each in site.told] == ["q0", "q1"]
    assert site.engine.held.sites[MANY].incident is None


def aged(site: Site, **ages_s: int | None) -> None:
    site.now_ms += 1000
    places = {
        queue: place._replace(
            source="pbx",
            written_ms=site.now_ms - 1000 * (ages_s.get("written") or 0),
            heard_ms=site.now_ms - 1000 * (ages_s.get("heard") or 0),
        )
        for queue, place in site.places().items()
    }
    site.take(site.engine.look_around(places, site.now_ms))


def test_figures_that_nobody_writes_and_a_source_that_is_silent_are_alerts_of_their_own(site: Site) -> None:
    quiet(site)
    aged(site, written=29, heard=59)
    assert site.told == []
    aged(site, written=31, heard=61)
    assert said_of(site, NO_DATA) == (
        "Age of the data: 31 s · no worker writes figures",
        "Leeftijd van de data: 31 s · geen worker schrijft cijfers",
    )
    aged(site, written=0, heard=61)
    firing = [(notice.labels.rule, notice.labels.cause, notice.queues) for notice in site.notices]
    assert firing == [(NO_DATA, "no_data", ("sales",)), (SILENT, "source_silent", ("sales",))]
    assert [message(notice, "en", "UTC").subject.partition(", ")[2] for notice in site.notices] == [
        "age of the data: 31 s. No worker writes figures", "age of the data: 1:01. The source is silent (pbx)",
    ]  # fmt: skip
    over = replace(site.notices[1], kind="resolved")
    assert message(over, "en", "UTC").subject.endswith("The source was silent; it is back (pbx)")


def two_sources(site: Site, pbx: int, crm: int) -> None:
    """So many seconds after they were heard."""
    site.now_ms += 1000
    ages = {"sales": ("pbx", pbx), "help": ("crm", crm)}
    places = {
        queue: site.places()[queue]._replace(source=source, heard_ms=site.now_ms - 1000 * age_s)
        for queue, (source, age_s) in ages.items()
    }
    site.take(site.engine.look_around(places, site.now_ms))


def test_a_source_that_falls_silent_beside_another_is_told_within_a_minute_and_once() -> None:
    site = Site(plan([]))
    for queue in ("sales", "help"):
        site.see(queue, WELL)
    site.go("09:00", "09:01")
    for second in range(200):
        two_sources(site, 61 + second, max(0, second - 10))
    told = [(each.kind, each.sources) for each in site.notices if each.labels.rule == SILENT]
    assert told == [("firing", ("pbx",)), ("repeat", ("crm", "pbx"))]
    for _ in range(60):
        two_sources(site, 0, 0)
    assert (site.notices[-1].kind, site.notices[-1].sources) == ("resolved", ("crm", "pbx"))
    assert "(crm, pbx)" in message(site.notices[-1], "nl", "UTC").subject


def test_alertmanager_is_given_the_name_of_a_source_that_is_silent_alone(site: Site) -> None:
    quiet(site)
    aged(site, heard=61)
    (notice,) = site.notices
    assert labels_of(notice.labels, notice.sources)["source"] == "pbx"
    assert "source" not in labels_of(notice.labels, ("crm", "pbx"))


def said_of(site: Site, rule: str) -> tuple[str, str]:
    said = rows(site.engine)[f"site:{rule}"]["said"]
    return said["en"].fact, said["nl"].fact


def test_boards_say_that_a_source_was_silent_once_its_data_is_back(site: Site) -> None:
    quiet(site)
    aged(site, written=0, heard=62)
    assert said_of(site, SILENT) == (
        "Age of the data: 1:02 · the source is silent (pbx)", "Leeftijd van de data: 1:02 · de bron is stil (pbx)",
    )  # fmt: skip
    aged(site, written=0, heard=2)
    assert said_of(site, SILENT) == (
        "Age of the data: 2 s · the source was silent; it is back (pbx)",
        "Leeftijd van de data: 2 s · de bron was stil; hij is er weer (pbx)",
    )
    assert rows(site.engine)[f"site:{SILENT}"]["cause"] == "source_silent"


def test_a_mute_changes_nothing_of_how_many_queues_are_in_trouble() -> None:
    site = Site(plan([LATE]))
    for number in range(8):
        site.see(f"q{number}", BAD if number < 6 else WELL)
    site.go("09:00", "09:10")
    standing = said_of(site, MANY)[0]
    assert standing == "Queues in trouble: 75 % · many queues are in trouble at once"
    site.ask("mute", id="m1", queue="*", until_ms=ms_of("12:00"), why="drill")
    site.go("09:10", "09:12")
    assert said_of(site, MANY)[0] == standing
    site.go("09:12", "09:20")
    assert f"site:{MANY}" not in rows(site.engine)  # what is muted keeps nothing alive


def test_old_events_that_are_played_make_no_source_silent() -> None:
    site = Site(plan([LATE], by_wall_clock=False))
    quiet(site)
    aged(site, written=0, heard=100_000)
    assert site.told == []
