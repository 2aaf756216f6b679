"""A command of the line as its user has it: a process of its own that ends, its exit code and what it says."""

import asyncio
import os
import subprocess
import sys

from tests.line import Line

PATIENCE_S = 120


async def ran(line: Line, *arguments: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """`changed`: variables of its environment alone."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "callpulse", *arguments],
        cwd=line.folder,
        env={**os.environ, **line.environment, "COLUMNS": "140", **changed},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
