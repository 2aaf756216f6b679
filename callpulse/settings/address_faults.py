"""What is wrong with an address, of Redis or of our own, or with what is asked there, beyond what types can say. That
of Redis is never shown: it may hold a password, and where it is wrong nobody knows which part of it."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from callpulse.alerts.core.renderings import safe_url
from callpulse.settings.fault import Fault, fault_at
from callpulse.settings.tables import Settings

EXPECTED = (
    ": cannot be used; expected redis://HOST:PORT/0, rediss://USER:PASSWORD@HOST:PORT/0 or unix:///PATH; in a password "
    "/ is written %2F, # %23 and ? %3F"
)
DATABASE = re.compile(r"(/\d*)?")


def address_faults(settings: Settings) -> Iterator[Fault]:
    """All of them."""
    if not _is_of_redis(settings.redis.url):
        yield fault_at(("redis", "url"), EXPECTED)
    if settings.monitoring.runbook_url and not safe_url(settings.monitoring.runbook_url):
        yield fault_at(("monitoring", "runbook_url"), ": expected a link, http:// or https://")
    for section in ("metrics", "alerts", "wallboard"):
        host = getattr(settings, section).host
        if host.startswith("["):
            yield fault_at((section, "host"), f" = {host!r}: expected {host.strip('[]')}, without brackets")
    yield from _certificate_faults(settings)
    for missing, given in (("username", "password"), ("password", "username")):
        if getattr(settings.metrics, given) and not getattr(settings.metrics, missing):
            yield fault_at(("metrics", missing), f": missing; expected both, as {given} is given")


def _certificate_faults(settings: Settings) -> Iterator[Fault]:
    if not settings.redis.url.startswith("rediss:"):
        for key in ("ca_file", "cert_file", "key_file", "key_password"):
            if getattr(settings.redis, key):
                yield fault_at(("redis", key), ": not used; expected redis.url to begin with rediss://")
    for section in ("metrics", "wallboard", "redis"):
        config = getattr(settings, section)
        if (config.key_file or config.key_password) and not config.cert_file:
            yield fault_at((section, "cert_file"), ": missing; expected the certificate of the key that is given")


def _is_of_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if re.search(r"[\s\x00-\x1f]", url):
        return False
    if parts.scheme == "unix":
        return len(parts.path) > 1
    well = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and port != 0
    return well and DATABASE.fullmatch(parts.path) is not None and not parts.fragment
