"""`make screens`: pictures of every made board, to be looked at, and the one in the README. Arguments: names of
boards, draw only those; `readme` is the last of them."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.wall import readme
from tests.wall.browser import chromium
from tests.wall.figures import Language
from tests.wall.site import Site
from tests.wall.sited import sites, sites_at_night
from tests.wall.walls import WALLS, alert

FOLDER = Path("build/screens")
SILENT = {"lost": ("body:has(.line.lost)", 60_000), "unknown": ("body.unknown", 400)}  # what to wait for, and a ttl_ms
SHAPES = ("far", "big", "desk")  # of the board with alerts
OF_SITES = {"sites": sites, "sites_at_night": sites_at_night}
SIZES = {"1080p": (1920, 1080), "4k": (3840, 2160), "phone": (390, 844)}
LANGUAGES: tuple[Language, ...] = ("en", "nl")


async def draw(wanted: list[str]) -> None:
    """Every board whose file name holds all of `wanted`."""
    async with chromium() as browser:
        for name in [*WALLS, *SILENT, *SHAPES, *OF_SITES]:
            for language in LANGUAGES:
                await _draw_board(browser, name, language, wanted)
        for language in LANGUAGES:
            if all(part in ("day", language) for part in wanted):
                await _draw_day(browser, language)
        if all(part == "readme" for part in wanted):
            await readme.draw(browser, FOLDER)


async def _draw_day(browser: Browser, language: Language) -> None:
    """The day on paper."""
    async with Site.open(alert(language)) as site:
        page = await browser.new_page(viewport={"width": 900, "height": 1200})
        await page.goto(f"{site.url}/day?lang={language}")
        await page.wait_for_selector("section table")
        await page.screenshot(path=FOLDER / f"day-{language}.png", full_page=True)
        await page.close()
        print(FOLDER / f"day-{language}.png")


async def _draw_board(browser: Browser, name: str, language: Language, wanted: list[str]) -> None:
    files = {f"{name}-{size}-{theme}-{language}": (size, theme) for size in SIZES for theme in ("dark", "light")}
    chosen = {file: how for file, how in files.items() if all(part in file.split("-") for part in wanted)}
    if not chosen:
        return
    until, ttl_ms = SILENT.get(name, (".tile .main, .desk-head .value", 30_000))
    shape = name if name in SHAPES else "sites" if name in OF_SITES else "wall"
    cadence_ms = 100 if name in SILENT else 5000
    made = {**WALLS, **OF_SITES}.get(name, alert)(language)
    async with Site.open(made, cadence_ms=cadence_ms, ttl_ms=ttl_ms, shape=shape) as site:
        for file, (size, theme) in chosen.items():
            page = await _opened(browser, f"{site.url}?theme={theme}", SIZES[size])
            site.silent = name in SILENT
            await page.wait_for_selector(until, state="attached")
            if name == "back":
                await page.locator("svg.day[role=button]").first.focus()
                await page.keyboard.press("Enter")
                await page.wait_for_selector("dialog.back[open]")
            await page.screenshot(path=FOLDER / f"{file}.png", full_page=size == "phone")
            await page.close()
            site.silent = False
            print(FOLDER / f"{file}.png")


async def _opened(browser: Browser, url: str, size: tuple[int, int]) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(url)
    await page.wait_for_selector("tfoot .row", state="attached")
    return page


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(sys.argv[1:]))
