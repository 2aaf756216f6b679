"""A real Alertmanager for tests."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from callpulse.demo import children
from tests.waiting import until_async

PROGRAM = "prometheus-alertmanager"

needs_alertmanager = pytest.mark.skipif(
    shutil.which(PROGRAM) is None,
    reason=f"{PROGRAM} is not installed. On Debian or Ubuntu: apt-get install --no-install-recommends {PROGRAM}",
)


@asynccontextmanager
async def alertmanager(folder: Path, config: str, session: ClientSession) -> AsyncIterator[str]:
    """Runs, and is ready, while its block does; its URL."""
    file, log = folder / "alertmanager.yml", folder / "alertmanager.log"
    file.write_text(config)
    url = f"http://127.0.0.1:{children.free_port()}"
    options = (
        f"--config.file={file}",
        f"--storage.path={folder}/alertmanager",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    )
    child = children.start([PROGRAM, *options], log)
    try:
        await until_async(lambda: _is_ready(session, url), "Alertmanager is ready", said=log.read_text)
        yield url
    finally:
        children.stop(child)


async def _is_ready(session: ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/-/ready") as response:
            return response.status == 200
    except ClientError:
        return False
