"""The runbook: a heading for every alert, an alert for every heading, commands that exist."""

import re
from pathlib import Path

import click
import pytest

from callpulse import cli
from callpulse.alerts import heartbeat
from callpulse.alerts.core import foresight, site_alert
from callpulse.monitoring import floor, operations
from callpulse.monitoring.alert import rule
from callpulse.settings import Settings, rules_of

TEXT = (Path(__file__).parents[2] / "docs" / "RUNBOOK.md").read_text(encoding="utf-8")
PARTS = ("Means", "Impact", "Check", "Do")
SETTINGS = Settings()
OURS = [*(each.name for each in rules_of(SETTINGS)), *foresight.NAMES, *site_alert.CAUSES, heartbeat.ALERT]
PROMETHEUS = [*operations.alerts(SETTINGS), *floor.alerts(SETTINGS)]


def sections() -> dict[str, str]:
    return {name: text for name, _, text in (part.partition("\n") for part in re.split(r"^## ", TEXT, flags=re.M)[1:])}


def test_every_alert_has_a_heading_and_every_heading_an_alert() -> None:
    assert set(sections()) == {*OURS, *(alert.name for alert in PROMETHEUS)}


@pytest.mark.parametrize("name", sections())
def test_a_heading_says_what_it_means_whom_it_hurts_what_to_look_at_and_what_to_do(name: str) -> None:
    assert tuple(re.findall(r"^- \*\*(\w+):\*\* ", sections()[name], re.M)) == PARTS


@pytest.mark.parametrize("alert", PROMETHEUS, ids=lambda alert: alert.name)
def test_an_alert_says_what_it_is_what_to_do_first_and_where_to_read_on(alert) -> None:
    told = rule(alert, "https://wiki.example.org/runbook")
    assert told["annotations"]["runbook_url"] == f"https://wiki.example.org/runbook#{alert.name.lower()}"
    assert told["labels"]["severity"] in ("critical", "warning", "none")
    assert told["labels"]["audience"] in ("operations", "supervisors")
    assert told["annotations"]["summary"]
    assert "First: " in told["annotations"]["description"] or alert.severity == "none"
    values = told["annotations"]["summary"] + told["annotations"]["description"]
    assert "$value" in values or "$labels" in values or alert.severity == "none"


def test_every_command_of_the_runbook_exists() -> None:
    for words in re.findall(r"`callpulse ([a-z ]+?)(?: [A-Z-].*?)?`|^callpulse ([a-z]+)", TEXT, re.M):
        command: click.Command = cli.main
        for word in (words[0] or words[1]).split():
            assert isinstance(command, click.Group), words
            found = command.get_command(click.Context(command), word)
            assert found is not None, words
            command = found
