"""What is wrong with a board of the settings is said with its path, also what would be ignored."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import callpulse.wallboard
from callpulse.settings import SettingsError, load
from callpulse.settings.board_faults import MOST_TILES
from callpulse.settings.boards import Board, Shape, TileName
from callpulse.wallboard.boards import TILES, boards_of


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[groups.sales]\nqueues = ["a"]\n[boards.x]\ngroup = "slaes"',
            "boards.x.group = 'slaes': expected the name of a table [groups.NAME]; expected the name of a group, the "
            "nearest is sales",
        ),
        ('[boards.x]\ngroup = "a"', "boards.x.group = 'a': expected the name of a table [groups.NAME]"),
        ('[boards."a b"]', 'boards."a b": no name; expected 1 to 60 letters, digits, _ and -'),
        (
            "[boards.x]\ntitel = 'a'",
            "boards.x.titel: unknown; expected one of title, group, queue, sites, language, shape, theme, logo, "
            "tiles, rotate, every",
        ),
        ("[boards.x]\nshape = 'round'", "boards.x.shape = 'round': expected one of big, desk, far, sites, wall"),
        (
            "[boards.x]\ntiles = ['asa_s', 'asa']",
            "boards.x.tiles[1]: expected one of abandonment_rate, aht_s, asa_s, contacts_waiting, service_level",
        ),
        ("[boards.x]\ntiles = ['asa_s', 'asa_s']", "boards.x.tiles: expected each tile once"),
        (
            '[groups.g]\nqueues = ["a"]\n[boards.x]\ngroup = "g"\nqueue = "a"',
            "boards.x.queue and group: expected one of them, or neither for all queues",
        ),
        (
            '[boards.x]\n[boards.y]\nrotate = ["x", "z"]',
            "boards.y.rotate: 'z': expected the name of a board that does not rotate; expected the name of a board, "
            "the nearest is x",
        ),
        ('[boards]\nx = 5\ny = { rotate = ["x"] }', "boards.x = 5: expected a table, got a whole number"),
        (
            '[boards.y]\nrotate = ["y"]',
            "boards.y.rotate: 'y': expected the name of a board that does not rotate",
        ),
        (
            '[boards.x]\n[boards.y]\nrotate = ["x"]\nqueue = "a"',
            "boards.y.rotate beside queue: expected that in the boards it shows",
        ),
        (
            '[boards.x]\n[boards.y]\nrotate = ["x"]\nshape = "far"\ntheme = "light"\nlanguage = "nl"',
            "boards.y.rotate beside language, shape, theme: expected that in the boards it shows",
        ),
        ('[boards.b]\n[boards.y]\nrotate = ["b", "b"]', "boards.y.rotate: expected each board once"),
        ('[boards.x]\nqueue = ""', "boards.x.queue = '': expected the id of one queue; for several, group"),
        ('[boards.x]\nqueue = "*"', "boards.x.queue = '*': expected the id of one queue; for several, group"),
        ('[boards.x]\nevery = "30s"', "boards.x.every without rotate: expected rotate too, the boards to show in turn"),
        (
            '[boards.x]\nshape = "far"\ntiles = ["asa_s", "aht_s", "service_level", "contacts_waiting"]',
            "boards.x.tiles: 4 of them: expected at most 3 with shape far",
        ),
        (
            f'[boards.x]\nshape = "big"\ntiles = {list(get_args(TileName))}',
            "boards.x.tiles: 5 of them: expected at most 4 with shape big",
        ),
        ('[boards.x]\n[boards.y]\nrotate = ["x"]\nevery = "1s"', "boards.y.every = '1s': expected 5s to 10m"),
        (
            '[groups.ams]\nqueues = ["a"]\n[boards.x]\nshape = "sites"\nsites = ["asm"]',
            "boards.x.sites: 'asm': expected the name of a table [groups.NAME]; expected the name of a group, the "
            "nearest is ams",
        ),
        (
            '[groups.ams]\nqueues = ["a"]\n[boards.x]\nshape = "sites"\nsites = ["ams", "ams"]',
            "boards.x.sites: expected each site once",
        ),
        (
            '[groups.ams]\nqueues = ["a"]\n[boards.x]\nsites = ["ams"]',
            'boards.x.sites with shape wall: expected shape = "sites"',
        ),
        (
            "[boards.x]\nshape = 'sites'",
            "boards.x.shape = 'sites': expected a table [groups.NAME] for each site",
        ),
        (
            '[groups.ams]\nqueues = ["a"]\n[boards.x]\nshape = "sites"\ngroup = "ams"',
            "boards.x.group with shape sites: expected sites, the names of groups, or none for all",
        ),
        (
            '[groups.ams]\nqueues = ["a"]\n[boards.x]\n[boards.y]\nrotate = ["x"]\nsites = ["ams"]',
            "boards.y.rotate beside sites: expected that in the boards it shows",
        ),
        ("[wallboard]\nport = 99999", "wallboard.port = 99999: expected a whole number <= 65535"),
    ],
)
def test_a_mistake_in_a_board_is_refused_with_its_path(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "callpulse.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load(file, {})
    assert str(refused.value) == f"{file}: {said}"


@pytest.mark.parametrize("shape", get_args(get_type_hints(Board)["shape"]))
def test_a_board_of_any_shape_is_read(tmp_path: Path, shape: str) -> None:
    (tmp_path / "callpulse.toml").write_text(f'[groups.g]\nqueues = ["a"]\n[boards.x]\nshape = "{shape}"\n')
    assert boards_of(load(tmp_path / "callpulse.toml", {}))["x"].look.shape == shape


def test_a_page_shows_as_many_tiles_as_settings_allow_for_its_shape() -> None:
    """Settings refuse more, a shape has no more of its own, and the page hides what is beyond."""
    static = Path(callpulse.wallboard.__file__).parent / "static"
    styles = "".join(each.read_text() for each in static.glob("*.css") if each.name != "phone.css")
    of_shape = r"\[data-shape=(\w+)\] \.tile:nth-child\(n \+ (\d+)\)"
    hidden = {shape: int(first) - 1 for shape, first in re.findall(of_shape, styles)}
    (any_,) = re.findall(r"^\.tile:nth-child\(n \+ (\d+)\) \{ display: none; \}", styles, re.MULTILINE)
    assert set(MOST_TILES) == set(TILES) == set(get_args(Shape))
    assert {shape: hidden.get(shape, int(any_) - 1) for shape in MOST_TILES} == MOST_TILES
    assert [shape for shape, tiles in TILES.items() if len(tiles) > MOST_TILES[shape]] == []


def test_an_overview_has_a_site_for_each_group_under_the_title_of_its_board(tmp_path: Path) -> None:
    (tmp_path / "callpulse.toml").write_text(
        '[groups.ams]\nqueues = ["a*"]\n[groups.rtm]\nqueues = ["r*"]\n[boards.land]\nshape = "sites"\n'
        '[boards.one]\nshape = "sites"\nsites = ["rtm"]\n'
        '[boards.amsterdam]\ntitle = "Amsterdam"\ngroup = "ams"\n[boards.far]\ngroup = "ams"\nshape = "far"\n'
    )
    boards = boards_of(load(tmp_path / "callpulse.toml", {}))
    found = {name: (place.title, place.board) for name, place in boards["land"].sites.items()}
    assert found == {"ams": ("Amsterdam", "amsterdam"), "rtm": ("rtm", "")}
    assert (list(boards["one"].sites), boards["amsterdam"].sites) == (["rtm"], {})
    assert [boards["land"].sites["ams"].holds(queue) for queue in ("a1", "r1")] == [True, False]
