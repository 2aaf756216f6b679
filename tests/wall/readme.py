"""The picture in the README: the made centre, drawn by `make screens`, with a mark in it of what board it shows."""

import re
import struct
import zlib
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import structs
from playwright.async_api import Browser

from tests.wall.centre import centre
from tests.wall.site import STATIC, Site

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "wall.png"
SIZE = {"width": 1920, "height": 1080}
KEYWORD = b"callpulse"
LINK = re.compile(r'<link rel="stylesheet"[^>]*>')
NAME = re.compile(r'href="/static/([^"]+)"')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
AFTER_HEAD = 33  # bytes: signature, and the first chunk


def mark() -> str:
    """Of what is to be read on the board, and of the styles it has: not of what the page says by itself, nor of
    definitions."""
    board = centre()
    tiles = tuple(structs.replace(tile, definition="", short="") for tile in board.tiles)
    shown = msgspec.json.encode(structs.replace(board, words={}, mutes=(), tiles=tiles))
    return sha256(shown + styles((STATIC / "wall.html").read_text()).encode()).hexdigest()


def styles(page: str) -> str:
    """Those of this page that a screen shows it by, without comments and ends of lines."""
    links = [link for link in LINK.findall(page) if 'media="print"' not in link]
    text = "".join((STATIC / NAME.findall(link)[0]).read_text() for link in links)
    return " ".join(COMMENT.sub("", text).split())


def mark_of(png: bytes) -> str:
    """That was put into it."""
    at = AFTER_HEAD
    length, kind = struct.unpack(">I4s", png[at : at + 8])
    keyword, _, text = png[at + 8 : at + 8 + length].partition(b"\0")
    return text.decode() if (kind, keyword) == (b"tEXt", KEYWORD) else ""


def marked(png: bytes, said: str) -> bytes:
    """The same with this mark in it."""
    body = b"tEXt" + KEYWORD + b"\0" + said.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:AFTER_HEAD] + chunk + png[AFTER_HEAD:]


async def draw(browser: Browser, folder: Path) -> None:
    """Into the folder; into the documents where nothing is, or what says something else."""
    async with Site.open(centre()) as site:
        page = await browser.new_page(viewport=SIZE)  # type: ignore[arg-type]  # a size
        await page.goto(site.url)
        await page.wait_for_selector(".tile .main")
        png = marked(await page.screenshot(), mark())
        await page.close()
    (folder / "readme.png").write_bytes(png)
    print(folder / "readme.png")
    if not PICTURE.exists() or mark_of(PICTURE.read_bytes()) != mark():
        PICTURE.write_bytes(png)
        print(PICTURE)
