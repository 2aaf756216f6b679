"""`callpulse doctor`"""

import asyncio

import click
import msgspec

from callpulse.commands.common import fail, hush_kafka, say, settings_of
from callpulse.current.connection import RedisUrlError
from callpulse.doctor.finding import Finding, Level, failed
from callpulse.doctor.run import examine
from callpulse.edges.rights import NEEDS
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import SettingsError


@click.command(short_help="Check Kafka, Redis, Prometheus and what runs; say what to do.")
@click.option("--as", "process", type=click.Choice(tuple(NEEDS)), default="worker", help="Whose rights are checked.")
@click.option("--prometheus", "prometheus_url", help="Its address (default: monitoring.prometheus_url).")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.pass_context
def doctor(context: click.Context, process: str, prometheus_url: str | None, as_json: bool) -> None:
    """Look at everything that callpulse needs, and say what is wrong and what to do about it.

    Nothing is written anywhere. `skip` is what could not be looked at, or is not in use. Exit code 1 where something
    FAILs.
    """
    settings = settings_of(context)
    asked_of = prometheus_url or settings.monitoring.prometheus_url
    if asked_of and not asked_of.startswith(("http://", "https://")):
        fail("--prometheus: expected http://HOST:PORT or https://HOST", WRONG)
    hush_kafka()
    try:
        found = asyncio.run(examine(settings, process, asked_of))
    except (SettingsError, RedisUrlError) as error:
        fail(str(error), WRONG)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({"findings": found})).decode())
    else:
        say(*map(str, found), _told(found))
    if failed(found):
        raise click.exceptions.Exit(TROUBLE)


def _told(found: list[Finding]) -> str:
    counts = {level: sum(finding.level is level for finding in found) for level in Level}
    return ", ".join(f"{count} {level.value}" for level, count in counts.items() if count)
