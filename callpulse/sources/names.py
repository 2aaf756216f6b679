"""Names that may leave an adapter: customers as keyed hashes, one id per agent, never a telephone number."""

import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

AGENT_PATTERN = r"(?:[A-Za-z0-9]+/|Agent )?(.+?)(?:@.*|-[0-9a-f]{8})?"
_LONGEST = 200
_REMEMBERED = 10_000
_TELEPHONE = re.compile(r"\+?\d{7,}")


class CustomerKey(NamedTuple):
    """`id`: of this key among those that came before and after it; "" = it has none."""

    secret: bytes
    id: str = ""


def customer_hash(text: str, key: CustomerKey) -> str:
    """HMAC-SHA256 of the text, its first 96 bits in hex, after the key's id where it has one (`2026b:0f3c…`): the same
    customer, not to be traced without the key."""
    found = hmac.digest(key.secret, text.encode("utf-8", "replace"), "sha256")[:12].hex()
    return f"{key.id}:{found}" if key.id else found


def caller_hash(number: str, key: CustomerKey | None) -> str | None:
    """The customer behind a caller id; None without a key, and for callers who show no number.

    Only digits count (`+31 6…` and `00316…` are one caller). Texts such as `anonymous` have too few, and
    are not one customer who calls all day.
    """
    if key is None:
        return None
    digits = "".join(filter(str.isdigit, number)).removeprefix("00")
    return customer_hash(digits, key) if len(digits) > 2 else None


class AgentNames(dict[str, str | None]):
    """One id for the several spellings of an agent in one log: `names[spelling]`; None where the log names
    nobody (`NONE`) or nobody who may be named.

    `pattern` must match the whole spelling; its first group is the id. The default takes away a technology
    (`Local/`, `PJSIP/`), the word `Agent `, everything from an `@`, and a channel's suffix (`-0000012a`).
    `ids` goes first: spellings that no pattern can join (a name here, an extension there). Somebody reached
    by telephone (an id of seven or more digits) is a keyed hash, and nobody without a key.
    """

    def __init__(self, pattern: str, ids: Mapping[str, str], key: CustomerKey | None) -> None:
        super().__init__()
        self._match = re.compile(pattern).fullmatch
        self._ids = ids
        self._key = key

    def __missing__(self, spelling: str) -> str | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        name = self[spelling] = self._id(spelling)
        return name

    def _id(self, spelling: str) -> str | None:
        if spelling in self._ids:
            return self._ids[spelling]
        match = self._match(spelling)
        name = ((match[1] if match else spelling) or "").strip()
        name = self._ids.get(name, name)
        if name in ("", "NONE") or len(name) > _LONGEST:
            return None
        if not _TELEPHONE.fullmatch(name.translate(_SEPARATORS)):
            return name
        return None if self._key is None else f"tel-{customer_hash(name, self._key)}"


_SEPARATORS = str.maketrans("", "", " -.()/")
