"""Draws docs/images/top.svg: the terminal board of a demo that is running now.

make demo                                                          # in one terminal
CALLPULSE_SITE_NAME=demo .venv/bin/python docs/images/make_top.py  # in another, when the board is worth a picture
"""

import asyncio
import io
from datetime import UTC
from pathlib import Path

from rich.console import Console

from callpulse.board.row import FIELDS
from callpulse.board.view import board
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.current.reader import Picture, Reader
from callpulse.settings import load
from callpulse.top.render import BoardView

PICTURE = Path(__file__).with_name("top.svg")
COLUMNS = 120
FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
# rich's own frame loads its font from another site; a picture in a README must not
FRAME = (
    '<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">\n'
    "<title>callpulse top: queues, worst first</title>\n<style>\n"
    f".{{unique_id}}-matrix {{{{ font-family: {FONT}; font-size: {{char_height}}px }}}}\n"
    "{styles}\n</style>\n<defs>\n{lines}\n</defs>\n{chrome}\n"
    '<g transform="translate({terminal_x}, {terminal_y})">\n{backgrounds}\n'
    '<g class="{unique_id}-matrix">\n{matrix}\n</g>\n</g>\n</svg>\n'
)


async def picture(url: str, site: str) -> Picture:
    """What the board shows of a site now."""
    async with connect(url) as client:
        return await Reader(client, Keys(site), FIELDS).read()


def drawn(shown: Picture, site: str) -> str:
    """The board as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(BoardView(board(shown), site, zone=UTC))
    return console.export_svg(title="", code_format=FRAME, unique_id="top", font_aspect_ratio=0.602)


def main() -> None:
    """Reads the settings as every command does."""
    settings = load()
    shown = asyncio.run(picture(settings.redis.url, settings.site.name))
    PICTURE.write_text(drawn(shown, settings.site.name), encoding="utf-8")


if __name__ == "__main__":
    main()
