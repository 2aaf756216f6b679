"""Who may read /metrics where a secret is asked for: by `Authorization: Bearer TOKEN` or by user and password. Pure."""

import base64
import binascii
import hmac
from hashlib import sha256

from callpulse.settings.tables import Metrics

CHALLENGE = 'Bearer realm="callpulse metrics"', 'Basic realm="callpulse metrics", charset="UTF-8"'
REFUSED = "needs metrics.token, as authorization, or metrics.username and password, as basic_auth: docs/SECURITY.md\n"


def admits(metrics: Metrics, authorization: str) -> bool:
    """Whether the header of that name opens. What is given is compared as a hash, which takes as long for any."""
    scheme, _, given = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return bool(metrics.token) and _same(given.strip(), metrics.token)
        case "basic":
            return bool(metrics.password) and _same(_plain(given), f"{metrics.username}:{metrics.password}")
    return False


def _same(given: str, meant: str) -> bool:
    digests = (sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (given, meant))
    return hmac.compare_digest(*digests)


def _plain(given: str) -> str:
    try:
        return base64.b64decode(given.strip(), validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return ""
