"""A scenario says what is wrong with it, and where."""

from pathlib import Path

import pytest

from callpulse.simulator.load import BUILT_IN, load
from callpulse.simulator.scenario import ScenarioError, parse

SMALL = """
name = "small"
[[queues]]
id = "sales"
per_hour = 60
[[teams]]
agents = 2
queues = ["sales"]
"""


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_scenario_is_found_by_its_name(name: str) -> None:
    assert load(name).name == name


def test_a_scenario_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SMALL)
    scenario = load(str(tmp_path / "mine.toml"))
    assert [queue.id for queue in scenario.queues] == ["sales"]
    assert scenario.length_s is None


def test_a_missing_file_is_named_with_the_built_in_names() -> None:
    with pytest.raises(ScenarioError, match=r"nowhere\.toml: No such file.*day, demo"):
        load("nowhere.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("per_hour = 60", "per_hour = -1"), r"mine\.toml: queues\[0\]\.per_hour: Expected `float` > 0"),
        (("per_hour = 60", "per_hours = 60"), r"mine\.toml: queues\[0\].*per_hours?"),
        (("per_hour = 60", "per_hour = "), r"mine\.toml: not TOML: .*line 5"),
        (('queues = ["sales"]', 'queues = ["sale"]'), r"nobody serves 'sales'"),
        (('queues = ["sales"]', 'queues = ["sales", "x"]'), r"teams\[0\]\.queues: 'x'; expected one of sales"),
        (("agents = 2", 'agents = 2\nshift = ["17:00", "09:00"]'), r"teams\[0\]\.shift: 17:00 to 09:00"),
        (
            ("per_hour = 60", "per_hour = 60\ntransfers = {sales = 0.1}"),
            r"queues\[0\]\.transfers: 'sales'; expected another",
        ),
        (("per_hour = 60", "per_hour = 60\nexits = {key = 0.7, callback = 0.7}"), r"add up to more than 1"),
        (("per_hour = 60", "per_hour = 60\nmenu_share = 1.0"), r"menu_share: 1"),
        (("per_hour = 60", "per_hour = 60\nreasons = {a = 0.0}"), r"reasons: weights add up to 0"),
        (("per_hour = 60", 'per_hour = 60\ncurve = [["09:00", 1], ["08:00", 1]]'), r"curve: times are not in order"),
        (("per_hour = 60", 'per_hour = 60\ncurve = [["09:00", 0]]'), r"curve: no point above 0"),
        (("per_hour = 60", 'per_hour = 60\nopen = ["18:00", "09:00"]'), r"open: 18:00 to 09:00"),
        (
            ('name = "small"', 'name = "small"\nshocks = [{queue = "y", at_s = 0, for_s = 1}]'),
            r"shocks\[0\]\.queue: 'y'",
        ),
        (
            ('name = "small"', 'name = "small"\nsurges = [{queue = "y", at_s = 0, for_s = 1}]'),
            r"surges\[0\]\.queue: 'y'",
        ),
        (("[[teams]]", '[[queues]]\nid = "sales"\nper_hour = 1\n[[teams]]'), r"two queues have the same id"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused_with_the_place(change: tuple[str, str], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        parse(SMALL.replace(*change), "mine.toml")


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"mine\.toml: not TOML"):
        parse(b"\xff\xfe", "mine.toml")
