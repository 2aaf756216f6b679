"""Whose a process is: /readyz names its site, so that who asks a port knows which installation listens there."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

SITE = "Callpulse-Site"


def of_site(name: str) -> dict[str, str]:
    """The header of an answer."""
    return {SITE: quote(name)}


def site_of(headers: Mapping[str, str]) -> str:
    """Of an answer; "" of a stranger's."""
    return unquote(headers.get(SITE, ""))
