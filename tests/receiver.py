"""A small HTTP server on this machine that behaves well or badly, as told, and remembers what it was sent."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple


class Received(NamedTuple):
    """One request. Names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """What is written back, after so long, before the connection is closed."""

    raw: bytes
    after_s: float = 0.0


CUT = Reply(b"")
GARBAGE = Reply(b"\x00\xff\x16\x03 not HTTP at all\r\n\r\n" * 3)
HALF = Reply(b"HTTP/1.1 200 OK\r\nContent-Le")


def answer(status: int, headers: str = "", body: str = "{}", after_s: float = 0.0) -> Reply:
    """An ordinary answer; `headers` = lines."""
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return Reply((head + body).encode(), after_s)


class Receiver:
    """`async with Receiver() as receiver`: listens on a free port. `replies` are given in turn, the last for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies) or [answer(200)]
        self.received: list[Received] = []
        self.came = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> "Receiver":
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def until(
        self, seen: Callable[[list[Received]], bool], within_s: float = 10.0, said: Callable[[], object] = str
    ) -> None:
        """Return when what was received satisfies `seen`; `said()` is told when that never comes."""
        try:
            async with asyncio.timeout(within_s):
                while not seen(self.received):
                    self.came.clear()
                    await self.came.wait()
        except TimeoutError:
            bodies = [each.body.decode(errors="replace") for each in self.received]
            raise AssertionError(f"not within {within_s:g} s; received: {bodies}\n{said()}") from None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            self.received.append(await _read(reader))
            self.came.set()
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            await asyncio.sleep(reply.after_s)
            writer.write(reply.raw)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Received(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))
