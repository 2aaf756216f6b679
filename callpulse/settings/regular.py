"""Files that settings name. A pipe or a device in the place of one would have start and reload wait for what may never
come, and has nothing to say a second time."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


class UnreadableError(Exception):
    """Why, in a few words."""


def opened(path: str | Path) -> BinaryIO:
    """To be read; also by a symbolic link, as Kubernetes mounts secrets. Raises OSError, and ValueError for a path that
    is none."""
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))  # noqa: SIM115 -- returned
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def text_of(path: str) -> str:
    """What stands in it. Raises UnreadableError."""
    try:
        with opened(path) as file:
            return file.read().decode()
    except (OSError, ValueError) as error:
        raise UnreadableError(error.strerror if isinstance(error, OSError) else "not UTF-8") from None
