"""The picture in the README is the one that `make screens` makes, of the made centre as the product shows it."""

from pathlib import Path
from shutil import copytree

import pytest
from playwright.async_api import Browser

from callpulse.wallboard.texts import text_of
from tests.wall import readme
from tests.wall.centre import QUEUES, centre

ROOT = Path(__file__).parents[2]


def test_the_picture_shows_the_made_board_as_it_is_now() -> None:
    found = readme.mark_of(readme.PICTURE.read_bytes())
    assert found == readme.mark(), "the board says something else by now: make screens"
    assert "docs/images/wall.png" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "-m tests.wall.screens" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_a_change_of_a_style_alone_makes_it_old_and_a_comment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = Path(copytree(readme.STATIC, tmp_path / "static"))
    monkeypatch.setattr(readme, "STATIC", copied)
    before, of_tiles = readme.mark(), copied / "wall.css"
    of_tiles.write_text(of_tiles.read_text() + "/* why\nso */\n")
    (copied / "print.css").write_text("body { color: red; }")
    assert readme.mark() == before
    of_tiles.write_text(of_tiles.read_text() + ".tile { color: red; }")
    assert readme.mark() != before


def test_the_made_centre_is_that_of_the_demo_and_has_what_the_product_has() -> None:
    board = centre()
    assert set(board.rows) == set(QUEUES) == {"sales", "helpdesk", "billing", "emergency"}
    assert [tile.id for tile in board.tiles] == [
        "service_level", "asa_s", "abandonment_rate", "contacts_waiting", "aht_s",
    ]  # fmt: skip
    assert "FCR" not in text_of(board)
    assert all(tile.spark and None not in tile.spark.points for tile in board.tiles)
    assert len(board.strip) == 1
    assert board == centre()


@pytest.mark.asyncio(loop_scope="session")
async def test_it_is_drawn_anew_only_where_it_would_say_something_else(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "wall.png"
    monkeypatch.setattr(readme, "PICTURE", picture)
    await readme.draw(browser, tmp_path)
    first = picture.read_bytes()
    assert readme.mark_of(first) == readme.mark()
    assert first == (tmp_path / "readme.png").read_bytes()
    picture.write_bytes(first + b"kept")
    await readme.draw(browser, tmp_path)
    assert picture.read_bytes() == first + b"kept"
    monkeypatch.setattr(readme, "mark", lambda: "another")
    await readme.draw(browser, tmp_path)
    assert readme.mark_of(picture.read_bytes()) == "another"
