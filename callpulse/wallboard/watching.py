"""Those who watch, and what they are sent: server-sent events, pressed once for all who take it so."""

import asyncio
import zlib
from functools import cached_property

from callpulse.board.words import Language

WAITING = 64  # messages for one browser
RAW = -zlib.MAX_WBITS  # deflate without the head and the sum of gzip
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class Message:
    """One event for a browser. `id` goes on from message to message of a process."""

    def __init__(self, id_: str, event: str, body: bytes) -> None:
        self.id, self.event, self.body = id_, event, body

    @cached_property
    def framed(self) -> bytes:
        """As an event stream has it."""
        head = f"id: {self.id}\n" if self.id else ""
        return f"{head}event: {self.event}\ndata: ".encode() + self.body + b"\n\n"

    @cached_property
    def pressed(self) -> bytes:
        """The same as blocks of deflate that end with a byte and look back no further than their own beginning: after
        GZIP_HEAD any of them may follow any other, and each is whole when it has come. So a message is pressed once,
        however many watch, and no browser has memory of its own for it."""
        press = zlib.compressobj(level=6, wbits=RAW)
        return press.compress(self.framed) + press.flush(zlib.Z_FULL_FLUSH)


class Watcher:
    """A browser. `inbox` is bounded; `lost`: it did not keep up, and needs all of the board."""

    def __init__(self, name: str, language: Language) -> None:
        self.name, self.language = name, language
        self.inbox: asyncio.Queue[Message] = asyncio.Queue(WAITING)
        self.lost = True
