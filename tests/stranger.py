"""Something else than what should listen there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

NO_REDIS = {
    "ok": b"+OK\r\n",
    "number": b":1\r\n",
    "none": b"$-1\r\n",
    "negative": b"*-5\r\n",
    "no_length": b"$abc\r\n",
    "deep": b"*1\r\n" * 5000,
    "endless": b"x" * 100_000,
    "http": b"HTTP/1.1 400 Bad\r\n\r\n",
}


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[int]:
    """The port of what says this to whatever it is asked."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65_536):
                writer.write(answer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
