"""`[alerts]`: rules as data. A file with any mistake is refused whole, and every mistake is named with its path."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from callpulse import cli
from callpulse.alerts.core import foresight, site_alert
from callpulse.alerts.core.defaults import DEFAULT_RULES, SERVICE_LEVEL
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.rules import Evidence, Level, Rule
from callpulse.settings import Settings, SettingsError, load, rules_of, verified
from callpulse.settings.alert_faults import TAKEN


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "callpulse.toml"


def read(file: Path, text: str, **environment: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load(file, environment)


def complaints(file: Path, text: str, **environment: str) -> list[str]:
    """Without the name of the file."""
    with pytest.raises(SettingsError) as refused:
        read(file, text, **environment)
    return [line.removeprefix(f"{file}: ") for line in str(refused.value).splitlines()]


def rules(settings: Settings) -> dict[str, Rule]:
    return {rule.name: rule for rule in rules_of(settings)}


# -- what holds


def test_without_a_word_the_default_rules_hold() -> None:
    assert rules_of(Settings()) == DEFAULT_RULES
    assert verified(Settings(), "nowhere").alerts.port == 9465


def test_a_rule_of_ones_own_and_every_key_of_it(file: Path) -> None:
    found = rules(
        read(
            file,
            '[site]\nzone = "Europe/Amsterdam"\n[queues.sales]\n[queues.help]\n'
            '[alerts.rules.slow]\nkpi = "asa_s"\nside = "above"\nqueues = ["sales", "h*"]\nwindows = ["15m", "5m"]\n'
            'combine = "any"\nclear_on = ["5m"]\nwarning = { enter = 60, clear = 30 }\n'
            "critical = {enter=120, clear=60}\n"
            'evidence = { min_n = 5 }\nfor = "0s"\nkeep_firing = "1m"\nrepeat = "30m"\nalone_after = "0s"\n'
            'audience = "floor"\nrunbook = "https://wiki.example/slow"\n'
            '[alerts.rules.slow.hours]\nmon = ["08:00-12:00", "13:00-24:00"]\nholidays = [2026-12-28, "2026-12-25"]\n',
        )
    )
    assert list(found) == ["service_level", "abandonment", "abandonment_severe", "slow"]
    assert found["slow"] == Rule(
        name="slow", kpi="asa_s", side="above", queues=("sales", "h*"), windows=("15m", "5m"), combine="any",
        clear_on=("5m",), warning=Level(60, 30), critical=Level(120, 60), evidence=Evidence(min_n=5), for_ms=0,
        keep_firing_ms=60_000, repeat_ms=1_800_000, alone_after_ms=0, audience="floor",
        runbook="https://wiki.example/slow",
        hours=Hours(
            zone="Europe/Amsterdam", mon=("08:00-12:00", "13:00-24:00"), holidays=("2026-12-25", "2026-12-28")
        ),
    )  # fmt: skip


def test_a_rule_of_ones_own_is_calm_unless_it_says_otherwise(file: Path) -> None:
    text = '[alerts.rules.{0}]\nkpi = "{0}"\nside = "above"\nwarning = {{enter = 9, clear = 5}}\n'
    found = rules(read(file, "".join(map(text.format, ("asa_s", "longest_wait_s", "ledger_residual")))))
    assert [found[name].windows for name in ("asa_s", "longest_wait_s", "ledger_residual")] == [
        ("15m",), ("now",), ("interval",),
    ]  # fmt: skip
    one = found["asa_s"]
    assert (one.for_ms, one.keep_firing_ms, one.repeat_ms, one.alone_after_ms) == (120_000, 300_000, 3_600_000, 0)
    assert (one.queues, one.combine, one.clear_on, one.audience, one.hours) == (("*",), "all", (), "supervisors", None)


def test_the_name_of_a_default_rule_changes_just_the_keys_that_are_given(file: Path) -> None:
    found = rules(read(file, '[alerts.rules.service_level]\nfor = "5m"\ncritical = { burn = 3, clear_burn = 2 }\n'))
    assert found["service_level"] == msgspec.structs.replace(
        SERVICE_LEVEL, for_ms=300_000, critical=Level(3, 2, burn=True)
    )
    assert [rule for rule in found.values() if rule.name != "service_level"] == [*DEFAULT_RULES[1:]]


def test_a_rule_can_be_off_and_so_can_all_default_rules(file: Path) -> None:
    assert list(rules(read(file, "[alerts.rules.abandonment]\nenabled = false\n"))) == [
        "service_level", "abandonment_severe",
    ]  # fmt: skip
    assert rules_of(read(file, "[alerts]\ndefault_rules = false\n")) == ()
    own = '[alerts]\ndefault_rules = false\n[alerts.rules.service_level]\nkpi = "service_level"\nside = "below"\n'
    (only,) = rules_of(read(file, own + "warning = {enter = 0.5, clear = 0.6}\n"))
    assert (only.warning, only.critical, only.evidence) == (Level(0.5, 0.6), None, Evidence())


def test_opening_hours_hold_for_all_rules_but_those_with_their_own(file: Path) -> None:
    found = rules(
        read(
            file,
            '[queue_defaults.hours]\nzone = "America/New_York"\nmon = ["08:00-18:00"]\n'
            '[alerts.rules.abandonment.hours]\nsun = ["00:00-24:00"]\n',
        )
    )
    assert found["service_level"].hours == Hours(zone="America/New_York", mon=("08:00-18:00",))
    assert found["abandonment"].hours == Hours(zone="UTC", sun=("00:00-24:00",))


def test_a_queue_has_its_own_opening_hours_or_those_of_all(file: Path) -> None:
    found = read(
        file,
        '[site]\nzone = "Europe/Amsterdam"\n[queue_defaults.hours]\nmon = ["08:00-18:00"]\n'
        '[queues.night.hours]\nzone = "UTC"\nsun = ["00:00-24:00"]\n',
    )
    assert found.hours("sales") == Hours(zone="Europe/Amsterdam", mon=("08:00-18:00",))
    assert found.hours("night") == Hours(zone="UTC", sun=("00:00-24:00",))
    assert read(file, "").hours("sales") is None


def test_single_values_come_from_the_environment_too(file: Path) -> None:
    found = read(
        file, "", CALLPULSE_ALERTS_PORT="0", CALLPULSE_ALERTS_CAPACITY="false", CALLPULSE_ALERTS_LANGUAGE="nl",
        CALLPULSE_ALERTS_SITE_SHARE="0.25",
    ).alerts  # fmt: skip
    assert (found.port, found.capacity, found.language, found.site_share) == (0, False, "nl", 0.25)
    assert complaints(file, "", CALLPULSE_ALERTS_WALL_URL="x") == [
        "CALLPULSE_ALERTS_WALL_URL: alerts.wall_url: expected a link, http:// or https://"
    ]
    assert complaints(file, "", CALLPULSE_ALERTS_RULES="x")[0].startswith("CALLPULSE_ALERTS_RULES: unknown")


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


def test_a_queue_that_is_named_before_any_is_configured_is_believed(file: Path) -> None:
    assert rules(read(file, OWN + PLAIN + 'queues = ["sales"]'))["own"].queues == ("sales",)


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


# -- what is shown


def shown_by_config(file: Path, text: str) -> dict[str, Any]:
    file.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(cli.main, ["--config", str(file), "config"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = msgspec.json.decode(done.stdout)
    return found["alerts"]


def test_config_shows_each_rule_in_a_sentence_and_stays_json(file: Path) -> None:
    assert shown_by_config(file, "")["in_words"] == [
        "capacity (target 80 %): warning when fewer than 65 % of the contacts of the next half hour are expected in "
        "time (74 % where agents who usually are there have been missing for 3 min), for 2 min (at once while far more "
        "call than usual; for 1 min below 62 % where no agent's state is known); over at 75 % for 5 min; told at once",
        "harm (target 80 %): critical when live service level is below 30 % over 15m and 5m, with 5 missed at least, "
        "for 1 min; over at 80 % over 5m for 3 min; told at once",
        "waits (target 80 %): only where nothing but waits is known, warning when service level fades below 55 %, with "
        "3 missed in 5m at least and somebody waiting for 40 s, at once; over at 80 % for 3 min; told at once",
        "service_level (target 80 %): warning when service level is below 80 % over 15m and 5m, beyond doubt (95 "
        "%), for "
        "2 min; critical below 60 %; over at 85 % or more (no longer critical: 70 %) over 15m for 5 min; told to "
        "supervisors when another rule agrees or after 10 min, again every 1 h",
        "abandonment: warning when abandonment is above 5 % over 15m, beyond doubt (95 %), for 2 min; critical "
        "above 10 %; "
        "over at 4 % or less (no longer critical: 8 %) over 15m for 5 min; told to supervisors when another rule "
        "agrees "
        "or after 10 min, again every 1 h",
        "abandonment_severe: critical when abandonment is above 15 % over 15m, beyond doubt (95 %), for 2 min; over at "
        "12 % or less over 15m for 5 min; told to supervisors at once, again every 1 h",
    ]


def test_config_shows_rules_of_ones_own_at_the_target_of_their_queue(file: Path) -> None:
    alerts = shown_by_config(
        file,
        "[alerts]\ndefault_rules = false\ncapacity = false\n[queues.vip]\ntarget = 0.9\n"
        '[queue_defaults.hours]\nmon = ["08:00-18:00"]\n'
        '[alerts.rules.vip]\nkpi = "service_level_live"\nside = "below"\nqueues = ["vip"]\nevidence = {min_n = 5}\n'
        'warning = {burn = 2, clear_burn = 1}\nkeep_firing = "0s"\n'
        '[alerts.rules.nobody]\nkpi = "agents_ready"\nside = "below"\nfor = "0s"\ncritical = {enter = 1, clear = 2}\n',
    )
    assert alerts["in_words"] == [
        "vip in vip, mon 08:00-18:00 (UTC) (target 90 %): warning when live service level is below 80 % over 15m, "
        "of 5 at "
        "least, for 2 min; over at 90 % or more over 15m; told to supervisors at once, again every 1 h",
        "nobody, mon 08:00-18:00 (UTC): critical when agents ready is below 1 now; over at 2 or more now for 5 "
        "min; told "
        "to supervisors at once, again every 1 h",
    ]
    assert alerts["rules"]["vip"]["warning"] == {"burn": 2.0, "clear_burn": 1.0}


def test_a_queue_needs_no_table_to_have_a_rule(file: Path) -> None:
    """Nor is its target another one than that of all: 19 times the budget of 95 % can be burnt."""
    text = "[queue_defaults]\ntarget = 0.95\n[queues.sales]\ntarget = 0.8\n"
    rule = 'queues = ["sales", "help"]\ncritical = { burn = 19, clear_burn = 6 }\n'
    assert rules(read(file, text + OWN + rule))["own"].queues == ("sales", "help")
