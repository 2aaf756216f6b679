"""`[alerts]`: a file with any mistake is refused whole, and every mistake is named with its path."""

from pathlib import Path

import pytest

from callpulse.alerts.core import foresight, site_alert
from callpulse.settings import rules_of
from callpulse.settings.alert_faults import TAKEN
from tests.shell.settings_file import complaints, read

# -- what is refused

OWN = '[alerts.rules.own]\nkpi = "service_level"\nside = "below"\n'
PLAIN = "warning = { enter = 0.8, clear = 0.85 }\n"
LONG = '[alerts.rules.own]\nkpi = "longest_wait_s"\nside = "above"\nwarning = { enter = 60, clear = 30 }\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[alerts.rules.own]\nkpi = "happines"\nside = "below"\n' + PLAIN,
            "alerts.rules.own.kpi: nobody computes 'happines'; expected the name of a KPI, the nearest is ",
        ),
        (
            OWN + "critical = { burn = 14.4, clear_burn = 6 }\n",
            "alerts.rules.own.critical.burn: at a target of 80 % the budget of misses burns at most 5 times as "
            "fast as it "
            "lasts, so 14.4 can never fire",
        ),
        (
            OWN + "critical = { enter = 0.0, clear = 0.5 }\n",
            "alerts.rules.own.critical.enter: nothing is ever below 0, so it can never fire",
        ),
        (
            OWN + "warning = { enter = 0.8, clear = 1.1 }\n",
            "alerts.rules.own.warning.clear: service_level never gets to 1.1, so it can never clear",
        ),
        (OWN, "alerts.rules.own.warning, critical: expected at least one of them"),
        (
            OWN + "warning = { enter = 0.8 }\n",
            "alerts.rules.own.warning: expected enter and clear, or burn and clear_burn",
        ),
        (
            OWN + "critical = { enter = 0.8, clear_burn = 1 }\n",
            "alerts.rules.own.critical: expected enter and clear, or burn and clear_burn",
        ),
        (
            OWN + PLAIN + 'queues = ["*", ""]\n',
            "alerts.rules.own.queues[1]: no queue can have this id; expected 1 to 200 characters",
        ),
        (OWN + PLAIN + "queues = []", "alerts.rules.own.queues: expected at least one, * for all"),
        (
            OWN + PLAIN + 'windows = ["now"]',
            "alerts.rules.own.windows: service_level has no value in 'now'; expected some of 5m, 15m, 30m, 1h, "
            "interval, "
            "day, all",
        ),
        (OWN + PLAIN + 'windows = "15m"', "alerts.rules.own.windows = '15m': expected a list, got text in quotes"),
        (
            OWN + PLAIN + 'for = "soon"',
            "alerts.rules.own.for = 'soon': expected a whole number with ms, s, m, h or d",
        ),
        (
            OWN + PLAIN + 'repeat = "0s"',
            "alerts.rules.own.repeat = '0s': expected a whole number above 0 with ms, s, m, h or d",
        ),
        (OWN.replace("below", "left") + PLAIN, "alerts.rules.own.side = 'left': expected one of above, below"),
        (
            OWN + PLAIN + 'fro = "2m"',
            "alerts.rules.own.fro: unknown; expected one of enabled, kpi, side, queues, windows, combine, clear_on, "
            "warning, critical, evidence, for, keep_firing, repeat, alone_after, audience, runbook, hours",
        ),
        (
            OWN + "warning = { enter = 0.8, claer = 0.9 }\n",
            "alerts.rules.own.warning.claer: unknown; expected one of enter, clear, burn, clear_burn",
        ),
        (
            OWN + PLAIN + "evidence = { wilsn = true }",
            "alerts.rules.own.evidence.wilsn: unknown; expected one of wilson, min_n",
        ),
        (
            OWN + PLAIN + "evidence = { min_n = -1 }",
            "alerts.rules.own.evidence.min_n = -1: expected a whole number >= 0",
        ),
        (
            LONG + "evidence = { wilson = true }",
            "alerts.rules.own.evidence.wilson: a bound is for shares of contacts; longest_wait_s is none",
        ),
        (
            LONG + "evidence = { min_n = 5 }",
            "alerts.rules.own.evidence.min_n: longest_wait_s has nothing counted behind it, so it can never fire",
        ),
        (OWN + PLAIN + 'runbook = "wiki"', "alerts.rules.own.runbook: expected a link, http:// or https://"),
        (
            OWN + PLAIN + "[alerts.rules.own.hours]\n",
            "alerts.rules.own.hours.mon to sun: never open, so nothing is ever told; expected spans for one of mon, "
            "tue, wed, thu, fri, sat, sun",
        ),
        (
            '[queue_defaults.hours]\nmon = ["22:00-06:00"]',
            "queue_defaults.hours.mon[0]: 22:00-06:00 ends before it begins; expected a later end, or two spans: "
            "22:00-24:00 and "
            "on the next day 00:00-06:00",
        ),
        (
            '[queue_defaults.hours]\nmon = ["8-18"]',
            "queue_defaults.hours.mon[0]: expected HH:MM-HH:MM, such as 08:30-18:00, until 24:00 at most",
        ),
        (
            '[queue_defaults.hours]\nmon = ["08:00-18:00"]\nzone = "Mars"',
            "queue_defaults.hours.zone = 'Mars': unknown; expected an IANA zone such as Europe/Amsterdam",
        ),
        (
            '[queue_defaults.hours]\nmon = ["08:00-18:00"]\nholidays = ["Christmas"]',
            "queue_defaults.hours.holidays[0]: expected a date such as 2026-12-25",
        ),
        ("[queues.a.hours]\nmonday = []", "queues.a.hours.monday: unknown; expected one of zone, mon, tue"),
        ("[queues.a.hours]\n", "queues.a.hours.mon to sun: never open"),
        ("[queue_defaults.hours]\nmonday = []", "queue_defaults.hours.monday: unknown; expected one of zone, mon, tue"),
        (
            '[alerts.rules.servicelevel]\nfor = "5m"',
            "alerts.rules.servicelevel: kpi and side missing; a rule of your own has them; expected the name of a "
            "default "
            "rule, the nearest is service_level",
        ),
        (
            "[alerts.rules.abandonmnt]\nenabled = false",
            "alerts.rules.abandonmnt: kpi and side missing; a rule of your own has them; expected the name of a "
            "default "
            "rule, the nearest is abandonment",
        ),
        (
            OWN.replace("own", '"a b"') + PLAIN,
            'alerts.rules."a b": no name; expected 1 to 60 letters, digits, _ and -',
        ),
        (
            OWN.replace("own", "capacity") + PLAIN,
            "alerts.rules.capacity: taken by a rule that no file changes; expected another name",
        ),
        (
            OWN + PLAIN + 'audience = "flor"\n[alerts.channels.a]\nkind = "webhook"\nurl = "https://h"\n'
            'audiences = ["supervisors"]\n',
            "alerts.rules.own.audience = 'flor': no channel is for it; expected the name of an audience, the "
            "nearest is "
            "supervisors",
        ),
        (
            "[alerts]\nrule = 1",
            "alerts.rule: unknown; expected one of default_rules, capacity, language, wall_url, host",
        ),
        ("[alerts]\nsite_queues = 1", "alerts.site_queues = 1: expected a whole number >= 2"),
        ('[alerts]\nwall_url = "wall"', "alerts.wall_url: expected a link, http:// or https://"),
        ('[monitoring]\nrunbook_url = "wiki"', "monitoring.runbook_url: expected a link, http:// or https://"),
    ],
)
def test_a_mistake_is_refused_with_its_path_and_what_was_expected(file: Path, text: str, said: str) -> None:
    (found,) = complaints(file, text)
    assert said in found


def test_no_rule_of_a_file_has_the_name_of_one_that_is_none() -> None:
    assert {*foresight.NAMES, site_alert.NO_DATA, site_alert.SILENT, site_alert.MANY} == TAKEN


def test_a_burn_is_measured_at_the_target_of_the_queues_it_is_for(file: Path) -> None:
    own = OWN + 'queues = ["{}"]\ncritical = {{ burn = 14.4, clear_burn = 6 }}\n[queues.vip]\ntarget = 0.95\n'
    rules_of(read(file, own.format("vip")))
    rules_of(read(file, own.format("*")))  # at 80 % it never fires, in vip it does
    (said,) = complaints(file, own.format("help*"))
    assert "at a target of 80 %" in said


def test_every_mistake_is_named_at_once_and_none_twice(file: Path) -> None:
    found = complaints(
        file,
        OWN.replace('"below"', '"left"') + PLAIN
        + '[alerts.rules.two]\nkpi = "x"\nside = "above"\nqueues = ["quue"]\nwarning = {enter = 1, clear = 0.5}\n'
        '[alerts.rules.three]\nkpi = "asa_s"\nside = "above"\nwarning = {enter = 1, clear = 2}\n'
        '[alerts.channels.a]\nkind = "slack"\n[alerts.channels.b]\nkind = "webhook"\nurl = 5\n'
        "[queues.queue]\ntarget = 80\n",
    )  # fmt: skip
    assert [line.partition(":")[0].partition(" ")[0] for line in found] == [
        "alerts.channels.a.kind",
        "alerts.channels.b.url",
        "alerts.rules.own.side",
        "alerts.rules.three.warning.clear",
        "alerts.rules.two.kpi",
        "queues.queue.target",
    ]


def test_in_a_rule_with_a_wrong_value_the_other_mistakes_are_named_too(file: Path) -> None:
    assert complaints(file, OWN + PLAIN + 'windows = ["7m"]\nfor = "soon"\nrunbook = "wiki"') == [
        "alerts.rules.own.for = 'soon': expected a whole number with ms, s, m, h or d",
        "alerts.rules.own.runbook: expected a link, http:// or https://",
        "alerts.rules.own.windows: '7m' is none of now, 5m, 15m, 30m, 1h, interval, day, all",
    ]


def test_what_follows_from_a_mistake_elsewhere_is_not_told(file: Path) -> None:
    (said,) = complaints(file, OWN + PLAIN + 'queues = ["sales"]\n[queues]\nhelp = {}\nsales = 5\n')
    assert said.startswith("queues.sales = 5")
