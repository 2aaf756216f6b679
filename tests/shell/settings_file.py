"""A file of settings, read or refused."""

from pathlib import Path

import pytest

from callpulse.settings import Settings, SettingsError, load


def read(file: Path, text: str, **environment: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load(file, environment)


def complaint(file: Path, text: str, **environment: str) -> str:
    """Why it is refused."""
    with pytest.raises(SettingsError) as refused:
        read(file, text, **environment)
    return str(refused.value)


def complaints(file: Path, text: str, **environment: str) -> list[str]:
    """A line each, without the name of the file."""
    return [line.removeprefix(f"{file}: ") for line in complaint(file, text, **environment).splitlines()]
