"""What axe-core says of the page: nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from msgspec import structs

from callpulse.wallboard.shown import Silence, Wall
from tests.wall.conftest import Show
from tests.wall.figures import Language
from tests.wall.site import Site
from tests.wall.walls import alert, calm, no_data, states

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEIGHT = 1080
CONTRAST = {"rules": {"color-contrast-enhanced": {"enabled": True}}, "resultTypes": ["violations", "incomplete"]}


@pytest.mark.parametrize(
    ("made", "theme", "width"),
    [
        (alert, "dark", 1920),
        (alert, "light", 1920),
        (alert, "light", 390),
        (states, "dark", 1920),
        (states, "light", 390),
        (calm, "dark", 390),
        (no_data, "light", 1920),
    ],
)
async def test_axe_finds_nothing(show: Show, made: Callable[[Language], Wall], theme: str, width: int) -> None:
    """Every rule it has, with the contrast of 7 to 1 that the design asks for."""
    async with Site.open(made("nl")) as site:
        page = await show(site, f"?theme={theme}", width, HEIGHT)
        found = (await Axe().run(page, options=CONTRAST)).response
        assert [_said(each) for each in found["violations"]] == []


@pytest.mark.parametrize(("theme", "width"), [("dark", 1920), ("light", 390)])
async def test_axe_finds_nothing_where_somebody_acts_and_shares(show: Show, theme: str, width: int) -> None:
    async with Site.open(
        structs.replace(alert("nl"), mutes=(Silence("m", "Verkoop stil tot 15:00 door Ans"),))
    ) as site:
        site.role = "supervisor"
        page = await show(site, f"?theme={theme}", width, HEIGHT)
        await page.wait_for_selector("body.acts")
        await page.mouse.move(5, 5)
        await page.wait_for_selector("#share:not([hidden])")
        await page.keyboard.press("a")
        for opened in (False, True):
            if opened:
                await page.get_by_role("button", name="Stil: Storing").click()
            found = (await Axe().run(page, options=CONTRAST)).response
            assert [_said(each) for each in found["violations"]] == []


def _said(violation: dict[str, Any]) -> str:
    nodes = [f"{node['html'][:160]} {node.get('failureSummary', '')[:300]}" for node in violation["nodes"][:4]]
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {'; '.join(nodes)}"
