"""Sharing what a person sees: text for a chat, a tile as SVG that stands alone, a tile as PNG."""

import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from msgspec import structs
from playwright.async_api import Page

from callpulse.wallboard import sharing_words
from callpulse.wallboard.shown import Cell
from callpulse.wallboard.texts import text_of
from tests.wall.conftest import Show
from tests.wall.site import Site
from tests.wall.walls import WALLS, alert, no_data

pytestmark = pytest.mark.asyncio(loop_scope="session")
SVG = "{http://www.w3.org/2000/svg}"
CRUEL = '<script>alert(1)</script>"&خدمة'


async def pointed(page: Page, tile: str = "level") -> None:
    await page.locator(f".tile[data-id={tile}]").hover()
    await page.wait_for_selector("#share:not([hidden])")


async def saved(page: Page, key: str, folder: Path) -> Path:
    async with page.expect_download() as coming:
        await page.keyboard.press(key)
    download = await coming.value
    path = folder / download.suggested_filename
    await download.save_as(path)
    return path


async def test_nothing_stands_there_until_somebody_moves(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        assert await page.locator("#share button:visible").count() == 0
        await pointed(page)
        assert await page.locator("#share button").all_inner_texts() == [
            "Copy as textC", "SVG of “Service level”S", "PNG of “Service level”P",
        ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_the_board_is_copied_as_the_server_tells_it(show: Show, language: str) -> None:
    board = alert(language)  # type: ignore[arg-type]
    async with Site.open(board) as site:
        page = await show(site)
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.keyboard.press("c")
        said = sharing_words.PAGE[board.language]["copied"]
        await page.wait_for_function("(said) => document.querySelector('#notice').textContent === said", arg=said)
        assert await page.evaluate("navigator.clipboard.readText()") == f"desk\n{text_of(board)}"


async def test_where_a_browser_may_not_copy_by_itself_the_text_is_there_to_take(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        await page.evaluate(
            """() => { Object.defineProperty(navigator, 'clipboard', {value: undefined});
                       document.execCommand = () => false; }"""
        )
        await pointed(page)
        await page.get_by_role("button", name="Copy as text").click()
        assert await page.locator("dialog textarea").input_value() == f"desk\n{text_of(site.wall)}"
        await page.get_by_role("button", name="Close").click()
        await page.wait_for_selector("dialog", state="detached")


async def test_of_boards_that_take_turns_the_one_on_show_is_copied(show: Show) -> None:
    async with Site.open(alert()) as site:
        site.boards = [{"name": "desk", "title": "In turn", "boards": ["one", "two"], "every_ms": 600_000}]
        page = await show(site)
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.keyboard.press("c")
        await page.wait_for_function("() => document.querySelector('#notice').textContent.startsWith('copied')")
        assert (await page.evaluate("navigator.clipboard.readText()")).startswith("one\n")


async def test_a_picture_of_what_is_no_longer_heard_says_so(show: Show, tmp_path: Path) -> None:
    async with Site.open(alert(), cadence_ms=100, ttl_ms=60_000) as site:
        page = await show(site)
        site.silent = True
        await page.wait_for_selector(".line.lost")
        texts = [each.text or "" for each in Xml.parse(await saved(page, "s", tmp_path)).iter(f"{SVG}text")]
        assert any(text.endswith("· DISCONNECTED") for text in texts)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_a_tile_is_a_picture_that_stands_alone(show: Show, theme: str, tmp_path: Path) -> None:
    first = structs.replace(alert().tiles[0], label=CRUEL, value=Cell("74"))
    async with Site.open(structs.replace(alert(), tiles=(first, *alert().tiles[1:]))) as site:
        page = await show(site, f"?theme={theme}")
        await pointed(page)
        path = await saved(page, "s", tmp_path)
        assert path.name == "level.svg"
        text = path.read_text(encoding="utf-8")
        picture = Xml.fromstring(text)
        texts = [each.text for each in picture.iter(f"{SVG}text")]
        assert texts[0] == f"{CRUEL} 15 min"
        assert {"▲ WATCH", "74", "target ≥ 80 % in 20 s · n 84"} <= set(texts)
        assert "Customer service · Tue 24 Nov · 14:31:40 · data 2 s old" in texts
        assert {each.tag.removeprefix(SVG) for each in picture.iter()} <= {
            "svg",
            "title",
            "rect",
            "text",
            "tspan",
            "g",
            "path",
        }
        assert not re.search(r"var\(|url\(|href|style=|class=", text)
        fills = {each.get("fill") for each in picture.iter() if each.get("fill")}
        assert all(fill == "none" or re.fullmatch(r"#[0-9a-f]{3,6}", fill) for fill in fills if fill)


async def test_a_tile_is_a_png_too(show: Show, tmp_path: Path) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        await pointed(page, "abandoned")
        path = await saved(page, "p", tmp_path)
        assert path.name == "abandoned.png"
        assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert (int.from_bytes(path.read_bytes()[16:20]), int.from_bytes(path.read_bytes()[20:24])) == (1280, 800)


async def test_a_tile_without_a_value_is_a_picture_of_that(show: Show, tmp_path: Path) -> None:
    async with Site.open(no_data()) as site:
        page = await show(site)
        path = await saved(page, "s", tmp_path)
        texts = [each.text for each in Xml.parse(path).iter(f"{SVG}text")]
        assert "–" in texts
        assert any("NO DATA SINCE" in (text or "") for text in texts)


@pytest.mark.parametrize("name", WALLS)
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_every_board_has_a_text(name: str, language: str) -> None:
    text = text_of(WALLS[name](language))  # type: ignore[arg-type]
    assert text.endswith("\n")
    assert len(text.splitlines()) < 30
    assert "None" not in text
