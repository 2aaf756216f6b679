"""A law of the page: who is told the changes sees what who is told all of it sees."""

from typing import Any

import pytest
from playwright.async_api import Page

from callpulse.wallboard.shown import Wall
from callpulse.wallboard.wall import changes
from tests.wall.conftest import Show
from tests.wall.figures import AT_MS
from tests.wall.site import Site
from tests.wall.walls import WALLS

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOARDS = {name: made for name, made in WALLS.items() if name not in ("states", "back")}
COUNTED = """window.taken = 0;
const add = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (name, act, ...more) {
  const counts = name === 'wall' || name === 'change';
  return add.call(this, name, (event) => { act(event); if (counts) window.taken += 1; }, ...more);
};"""


class _Still(Site):
    """Its clock stands."""

    @property
    def now_ms(self) -> int:
        return AT_MS


async def _picture(page: Page, taken: int) -> str:
    await page.wait_for_function("(n) => window.taken >= n", arg=taken, polling=20)
    found: str = await page.evaluate("document.querySelector('#wall').innerHTML")
    return found


def _first_difference(one: str, other: str) -> str:
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"…{one[max(0, at - 120) : at + 80]}… and …{other[max(0, at - 120) : at + 80]}…"


@pytest.mark.parametrize("before", BOARDS)
async def test_changes_lead_to_the_same_picture_as_all_of_the_board(show: Show, before: str) -> None:
    """From this board to every other."""
    first: Wall = BOARDS[before]("en")
    async with _Still.open(first, cadence_ms=600_000, ttl_ms=600_000) as site:
        page = await show(site, init=COUNTED, own_clock=True, reduced_motion="reduce")
        taken = await page.evaluate("window.taken")
        for name, made in BOARDS.items():
            after = made("en")
            assert (after.heads, after.axes) == (first.heads, first.axes)  # otherwise the server tells all of it
            new: dict[str, Any] = changes(first, after) or {}
            site.change(**new)
            told = await _picture(page, taken + 1)
            site.wall = after
            site.say_all()
            whole = await _picture(page, taken + 2)
            assert told == whole, f"{name}: {_first_difference(told, whole)}"
            site.wall = first
            site.say_all()
            taken += 3
            await _picture(page, taken)
