"""One browser for all tests of the wall; a page of its own, that must never complain, for each."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.wall.browser import CHROMIUM, chromium
from tests.wall.site import Site

Show = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is not there (Debian's package chromium)")
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def show(browser: Browser) -> AsyncIterator[Show]:
    """`await show(site, "?theme=light", width=390)`: the page of this site. `init`: a script that runs before its own;
    `own_clock`: its time stands still until it is put forward (`page.clock`). What it complains of fails the test, save
    that the server was away."""
    complaints: list[str] = []
    contexts = []

    async def shown(
        site: Site,
        query: str = "",
        width: int = 1920,
        height: int = 1080,
        wait: str = "visible",
        init: str = "",
        own_clock: bool = False,
        **options: str | bool,
    ) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        if init:
            await page.add_init_script(init)
        if own_clock:
            await page.clock.install(time=0)
            await page.clock.pause_at(1_000)
        await page.goto(site.url + query)
        await page.wait_for_selector("tfoot .row", state=wait)  # type: ignore[arg-type]  # a state
        return page

    yield shown
    for context in contexts:
        await context.close()
    unexpected = [text for text in complaints if "503" not in text and "net::ERR" not in text]
    assert not unexpected, unexpected
