"""`[alerts]`: rules as data, and how they are shown."""

from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner

from callpulse import cli
from callpulse.alerts.core.defaults import DEFAULT_RULES, SERVICE_LEVEL
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.rules import Evidence, Level, Rule
from callpulse.settings import Settings, rules_of, verified
from tests.shell.settings_file import complaints, read


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
    rule = (
        '[alerts.rules.own]\nkpi = "service_level"\nside = "below"\nqueues = ["sales", "help"]\n'
        "critical = { burn = 19, clear_burn = 6 }\n"
    )
    for tables in ("", "[queues.sales]\ntarget = 0.8\n"):
        found = rules(read(file, "[queue_defaults]\ntarget = 0.95\n" + tables + rule))
        assert found["own"].queues == ("sales", "help")
