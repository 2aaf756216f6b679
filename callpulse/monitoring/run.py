"""All files that are made for monitoring: gathered, written, or compared with those that are there."""

from collections.abc import Mapping
from pathlib import Path

from callpulse.monitoring import alertmanager, dashboards, prometheus
from callpulse.settings import Settings

PARTS = (prometheus.files, alertmanager.files, dashboards.files)


def everything(settings: Settings) -> dict[str, str]:
    """Path below the directory of the output -> text."""
    return {path: text for files in PARTS for path, text in files(settings).items()}


def differing(files: Mapping[str, str], folder: Path) -> list[str]:
    """Paths of those that are missing in the folder, or have another text there."""
    return [path for path, text in files.items() if _text(folder / path) != text.encode()]


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write them below the folder. Raises OSError."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def _text(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
