"""`make screens`: pictures of every made board, to be looked at. Names of boards as arguments draw only those."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser

from tests.wall.browser import chromium
from tests.wall.figures import Language
from tests.wall.site import Site
from tests.wall.walls import WALLS

FOLDER = Path("build/screens")
SIZES = {"1080p": (1920, 1080), "4k": (3840, 2160), "phone": (390, 844)}
LANGUAGES: tuple[Language, ...] = ("en", "nl")


async def draw(wanted: list[str]) -> None:
    """Every board whose file name holds all of `wanted`."""
    async with chromium() as browser:
        for name in WALLS:
            for language in LANGUAGES:
                await _draw_board(browser, name, language, wanted)


async def _draw_board(browser: Browser, name: str, language: Language, wanted: list[str]) -> None:
    files = {f"{name}-{size}-{theme}-{language}": (size, theme) for size in SIZES for theme in ("dark", "light")}
    chosen = {file: how for file, how in files.items() if all(part in file.split("-") for part in wanted)}
    if not chosen:
        return
    async with Site.open(WALLS[name](language)) as site:
        for file, (size, theme) in chosen.items():
            await _draw(browser, f"{site.url}?theme={theme}", SIZES[size], FOLDER / f"{file}.png")


async def _draw(browser: Browser, url: str, size: tuple[int, int], file: Path) -> None:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(url)
    await page.wait_for_selector("tfoot .row")
    await page.screenshot(path=file, full_page=size[0] < 1000)
    await page.close()
    print(file)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(sys.argv[1:]))
