"""What people do about alerts: they take them, and mute them."""

from tests.alert_site import BAD, WELL, Site
from tests.timeline import ms_of


def test_an_acknowledged_alert_is_not_repeated_but_its_end_is_told(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.ask("ack", id="1", alert=site.notices[0].id[:8], why="on it")
    site.go("09:05", "11:30")
    site.see("sales", WELL)
    site.go("11:30", "11:45")
    assert [each[2] for each in site.told] == ["firing", "acknowledged", "resolved"]
    assert site.notices[1].acknowledged is not None
    assert site.notices[1].acknowledged.by == "Ans"
    assert site.notices[2].acknowledged == site.notices[1].acknowledged


def test_an_acknowledged_alert_that_becomes_worse_is_told(site: Site) -> None:
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:00", "09:05")
    site.ask("ack", id="1", alert=site.notices[0].id)
    site.see("sales", BAD)
    site.go("09:05", "09:10")
    assert [each[2] for each in site.told] == ["firing", "acknowledged", "escalated"]


def test_an_acknowledgement_of_nothing_or_of_too_little_changes_nothing(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.ask("ack", id="1", alert=site.notices[0].id[:4])
    site.ask("ack", id="2", alert="0" * 32)
    assert len(site.told) == 1


def test_a_mute_hides_what_begins_in_it_and_what_lasts_is_told_at_its_end(site: Site) -> None:
    site.now_ms = ms_of("09:00")
    site.ask("mute", id="m1", queue="s*", until_ms=ms_of("09:20"), why="drill")
    site.see("sales", BAD)
    site.see("other", BAD)
    site.go("09:00", "09:30")
    assert site.told == [("09:01:00", "other", "firing", "critical"), ("09:20:00", "sales", "firing", "critical")]
    over = [fact.over for fact in site.facts if fact.over is not None]
    assert [(mute.id, len(mute.hidden)) for mute in over] == [("m1", 1)]
    assert over[0].hidden == (site.notices[1].id,)
    assert site.stored["mute:m1"] is None


def test_what_was_told_before_a_mute_ends_aloud(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.ask("mute", id="m1", until_ms=ms_of("12:00"))
    site.go("09:05", "11:00")
    site.see("sales", WELL)
    site.go("11:00", "11:10")
    assert [each[2] for each in site.told] == ["firing", "resolved"]


def test_a_mute_can_be_lifted_survives_a_restart_and_is_not_begun_twice(site: Site) -> None:
    site.now_ms = ms_of("09:00")
    site.ask("mute", id="m1", until_ms=ms_of("12:00"))
    site = site.restarted()
    site.see("sales", BAD)
    site.go("09:00", "09:10")
    assert site.told == []
    site.ask("unmute", id="2", mute="m1")
    site.ask("unmute", id="2", mute="m1")
    site.go("09:10", "09:12")
    assert site.told == [("09:10:00", "sales", "firing", "critical")]
