"""All files that are made for monitoring: gathered, written, or compared with those that are there."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from callpulse.monitoring import alertmanager, dashboards, kubernetes, prometheus
from callpulse.monitoring.as_yaml import HEAD
from callpulse.settings import Settings

PARTS = (prometheus.files, kubernetes.files, alertmanager.files, dashboards.files)
MADE = {".yml", ".yaml", ".json"}
BOARD = "grafana/dashboards/callpulse-*.json"  # JSON knows no comment that could say who made it


def everything(settings: Settings) -> dict[str, str]:
    """Path below the directory of the output -> text."""
    return {path: text for files in PARTS for path, text in files(settings).items()}


def differing(files: Mapping[str, str], folder: Path) -> list[str]:
    """Paths of those that are missing in the folder, or have another text there."""
    return [path for path, text in files.items() if _text(folder / path) != text.encode()]


def left_over(files: Mapping[str, str], folder: Path) -> list[str]:
    """Paths of what was made once and is made no more, wherever something is made. Files of others stay unnamed, also
    those that nobody else may read. Raises OSError."""
    places = sorted({PurePosixPath(path).parts[0] for path in files})
    there = (file for place in places for file in sorted((folder / place).rglob("*")) if file.suffix in MADE)
    found = (file for file in there if file.is_file() and _is_ours(file, folder))
    return [path for file in found if (path := file.relative_to(folder).as_posix()) not in files]


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write them below the folder. Raises OSError."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def _is_ours(file: Path, folder: Path) -> bool:
    if file.relative_to(folder).match(BOARD):
        return True
    try:
        with file.open("rb") as begins:
            return begins.read(len(HEAD.encode())) == HEAD.encode()
    except PermissionError:  # whoever has shut it has written it
        return False


def _text(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
