"""Whose a process is: /readyz names its site, so that who asks a port knows which installation listens there."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

SITE = "Callpulse-Site"
LONGEST = 100  # characters: more than a site's name may have


def of_site(name: str) -> dict[str, str]:
    """The header of an answer."""
    return {SITE: quote(name)}


def site_of(headers: Mapping[str, str]) -> str:
    """Of an answer, as far as it is worth showing; "" of a stranger's."""
    return unquote(headers.get(SITE, ""))[:LONGEST]
