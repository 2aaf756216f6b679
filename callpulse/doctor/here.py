"""What is on this machine, and whom the channels of alerts name: each asked where the settings say it is."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from callpulse.doctor.finding import Finding, fail, ok, skip, warn
from callpulse.doctor.http import FINE, Answer, ask, session, shown
from callpulse.healthy import livez_of
from callpulse.settings import Settings
from callpulse.settings.channels import Alertmanager

NOT_READY = 503
NO_ANSWER = "Does something else listen there, does it hang, or does it run by other settings (TLS)?"


async def around(settings: Settings) -> AsyncIterator[Finding]:
    """Processes of this machine, Alertmanagers, the wall that messages link to."""
    async with session() as one:
        for command in ("worker", "alerts", "wallboard"):
            url = (livez_of(settings, command) or "").removesuffix("/livez")
            yield process(command, url, await ask(one, f"{url}/readyz", ours=True), settings.site.name)
        for name, channel in settings.alerts.channels.items():
            for url in channel.urls if isinstance(channel, Alertmanager) else ():
                yield alertmanager(name, shown(url), await ask(one, f"{url.rstrip('/')}/-/ready"))
        if settings.alerts.wall_url:
            yield wall(settings.alerts.wall_url, await ask(one, settings.alerts.wall_url))


def process(command: str, url: str, answer: Answer, site: str) -> Finding:
    """What runs here need not run here, and what listens there need not be of this site."""
    if not answer.status and answer.listens:
        said = f"{url} takes connections and does not answer as callpulse does ({answer.said})"
        return warn(command, said, NO_ANSWER)
    if not answer.status:
        return skip(command, f"nothing answers at {url}: it does not run on this machine, or not there")
    if not answer.site or answer.status not in (FINE, NOT_READY):
        said = f"{url}/readyz answers {answer.status}, not as callpulse does"
        return warn(command, said, "Does something else listen there?")
    if answer.site != site:
        said = f"{url} is of site {answer.site!r}, not of {site!r}: another installation runs there"
        return warn(command, said, "Where this one is to run here too, give it another port")
    if answer.status == NOT_READY:
        said = "; ".join(answer.said.split("\n")).strip("; ")
        return warn(command, f"{url} is not ready: {said}", "docs/OPERATIONS.md, What /readyz says")
    return ok(command, f"{url} is ready")


def alertmanager(channel: str, where: str, answer: Answer) -> Finding:
    if answer.status == FINE:
        return ok("alertmanager", f"{where} of channel {channel} is ready")
    said = f"answers {answer.status}" if answer.status else f"does not answer ({answer.said})"
    return fail(
        "alertmanager",
        f"{where} of channel {channel} {said}",
        f"Is it up, and is alerts.channels.{channel}.urls right? `callpulse alert test` tries the channel",
    )


def wall(url: str, answer: Answer) -> Finding:
    """Who has no key is answered too."""
    if answer.status:
        return ok("wall", f"{shown(url)} answers; messages link to it")
    return warn(
        "wall", f"{shown(url)} does not answer ({answer.said}), and messages link to it", "Is alerts.wall_url right?"
    )


def state_dir(path: Path) -> Iterator[Finding]:
    """The nearest folder that is there has to let us make the others."""
    there = path
    while not there.exists() and there != there.parent:
        there = there.parent
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        yield ok("state", f"{path} can be written")
    else:
        yield fail(
            "state",
            f"{path} cannot be written",
            "A source could not keep its place in a log: set worker.state_dir, or give it the right to",
        )
