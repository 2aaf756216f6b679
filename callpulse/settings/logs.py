"""How processes write their logs."""

from typing import Literal

from callpulse.settings.values import Table


class Logs(Table, frozen=True, kw_only=True):
    """To standard error. `auto`: text on a terminal, elsewhere an object of JSON a line. `level`: the least that is
    said; of the libraries in here, never less than warnings."""

    format: Literal["auto", "text", "json"] = "auto"
    level: Literal["info", "warning", "error"] = "info"
