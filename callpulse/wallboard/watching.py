"""Those who watch, and what they are sent: server-sent events, pressed once for all who take it so."""

import asyncio
import zlib
from functools import cached_property

from callpulse.board.words import Language

WAITING = 64  # messages for one browser
MOST_WATCHERS = 2_000
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


class Audience:
    """All who watch. `messages_total`, handed to them, and `lost_total`, which they were too slow for, only grow."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.messages_total = self.lost_total = 0

    def of(self, name: str, language: Language) -> list[Watcher]:
        """Who watches a board in a language."""
        return [each for each in self.watchers if (each.name, each.language) == (name, language)]

    def languages(self, name: str) -> set[Language]:
        """In which somebody watches a board."""
        return {each.language for each in self.watchers if each.name == name}

    def give(self, watcher: Watcher, message: Message) -> None:
        """Who has no place for it loses it."""
        try:
            watcher.inbox.put_nowait(message)
        except asyncio.QueueFull:
            watcher.lost = True
            self.lost_total += 1
        else:
            self.messages_total += 1

    def give_all(self, watcher: Watcher, message: Message) -> None:
        """All of the board, instead of whatever it has not taken yet."""
        while not watcher.inbox.empty():
            watcher.inbox.get_nowait()
        watcher.lost = False
        self.give(watcher, message)

    def leave(self, watcher: Watcher) -> None:
        """It is gone."""
        self.watchers.discard(watcher)
