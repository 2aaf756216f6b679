"""What is wrong with a board of the settings is said with its path, also what would be ignored."""

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from callpulse.settings import SettingsError, load
from callpulse.settings.boards import Board, TileName
from callpulse.wallboard.boards import boards_of


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
            "boards.x.titel: unknown; expected one of title, group, queue, language, shape, theme, tiles, rotate, "
            "every",
        ),
        ("[boards.x]\nshape = 'round'", "boards.x.shape = 'round': expected one of big, desk, far, wall"),
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
    (tmp_path / "callpulse.toml").write_text(f'[boards.x]\nshape = "{shape}"\n')
    assert boards_of(load(tmp_path / "callpulse.toml", {}))["x"].look.shape == shape
