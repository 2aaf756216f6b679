"""What several tests of settings begin with."""

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """For settings; there is none yet."""
    return tmp_path / "callpulse.toml"
