"""Where the real logs lie that must not be part of this repository."""

import os
from pathlib import Path

import pytest


def shared_data() -> Path:
    """The folder named by CALLPULSE_DATA, else `../shared/data` beside the checkout. Skips where there is none."""
    folder = Path(os.environ.get("CALLPULSE_DATA", Path(__file__).parents[1] / "../shared/data"))
    if not folder.is_dir():
        pytest.skip("the data that cannot be part of the repository is not here; set CALLPULSE_DATA")
    return folder
