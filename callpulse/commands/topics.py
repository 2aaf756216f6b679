"""`callpulse topics`"""

import asyncio

import click
from rich.console import Console

from callpulse import kafka
from callpulse.commands.common import fail, hush_kafka, settings_of
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import Settings, SettingsError
from callpulse.stream.topic_findings import together
from callpulse.stream.topics import TOPICS, Finding, Severity, UnreachableError, create_and_check


@click.command()
@click.pass_context
def topics(context: click.Context) -> None:
    """Create the topics that are missing and check the others."""
    settings = settings_of(context)
    hush_kafka()
    try:
        findings = asyncio.run(_checked(settings))
    except UnreachableError as error:
        fail(error.advice, TROUBLE)
    except SettingsError as error:
        fail(str(error), WRONG)
    console = Console(highlight=False, soft_wrap=True)
    for severity, sentence in together(findings):
        console.print(f"{severity.value}: {sentence}", markup=False)
    if any(finding.severity is Severity.ERROR for finding in findings):
        fail("the topics are not as they have to be", TROUBLE)
    for topic in TOPICS:
        count = topic.partitions(settings.kafka.partitions)
        console.print(
            f"{topic.name(settings.kafka.prefix)}: {count} partition{'s' if count > 1 else ''}, as it has to be"
        )


async def _checked(settings: Settings) -> list[Finding]:
    config = settings.kafka
    return await create_and_check(kafka.client(config), config.partitions, config.replication, config.prefix)
