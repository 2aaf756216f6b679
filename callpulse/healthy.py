"""Whether what this container runs answers: `python -m callpulse.healthy`, the HEALTHCHECK of the image.

Exit code 0, or 1 and a sentence. Asked is /livez of the command that the first process was started with, where its
settings say; a command that serves none, such as `source`, is well while it runs.
"""

import ssl
import sys
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

from callpulse import cli
from callpulse.exit_codes import FINE, TROUBLE
from callpulse.settings import Settings, SettingsError, load

FIRST = Path("/proc/1/cmdline")  # of the container, or of the init before it, which names the command too
ANSWERS_WITHIN_S = 5.0
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not listened at


def address(words: Sequence[str], environment: dict[str, str] | None = None) -> str | None:
    """Of /livez, for a process started with these words; None where it serves none. Raises SettingsError."""
    names = [Path(word).name for word in words]
    if "callpulse" not in names:
        return None
    said = list(words[names.index("callpulse") + 1 :])
    config = cli.main.make_context("callpulse", list(said), resilient_parsing=True).params["config"]
    command = next((word for word in said if word in cli.COMMANDS), "")
    return livez_of(load(config, environment), command)


def livez_of(settings: Settings, command: str) -> str | None:
    """The same, by settings and the name of the command."""
    metrics, alerts, wall = settings.metrics, settings.alerts, settings.wallboard
    served = {
        "worker": (metrics.host, metrics.port, metrics.cert_file),
        "alerts": (alerts.host, alerts.port, metrics.cert_file),
        "wallboard": (wall.host, wall.port, wall.cert_file),
    }
    if command not in served:
        return None
    host, port, cert_file = served[command]
    host = EVERYWHERE.get(host, host)
    return f"http{'s' * bool(cert_file)}://{f'[{host}]' if ':' in host else host}:{port}/livez"


def trouble(url: str) -> str | None:
    """Why there is no good answer; None = there is one."""
    try:
        # no proxy reaches this container, and the certificate is for a name that others know it by
        opener = build_opener(ProxyHandler({}), HTTPSHandler(context=ssl._create_unverified_context()))  # noqa: S323
        with opener.open(url, timeout=ANSWERS_WITHIN_S):
            return None
    except HTTPError as error:
        return f"{url} answers {error.code}"
    except (HTTPException, OSError) as error:
        return f"{url} does not answer: {error!r}"


def main(words: Sequence[str]) -> int:
    """The exit code; says on standard output, which the container engine keeps, what is wrong."""
    try:
        url = address(words)
    except SettingsError as error:
        print(error)
        return TROUBLE
    said = trouble(url) if url else None
    if said:
        print(said)
    return TROUBLE if said else FINE


if __name__ == "__main__":
    sys.exit(main(FIRST.read_text(encoding="utf-8", errors="replace").split("\0")))
