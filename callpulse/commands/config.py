"""`callpulse config`"""

from typing import Any

import click
import msgspec

from callpulse.alerts.core.rule_words import capacity_sentences, sentence
from callpulse.alerts.core.rules import Rule
from callpulse.alerts.tellers import unheard
from callpulse.commands.common import settings_of
from callpulse.settings import Settings, rules_of, shown


@click.command()
@click.pass_context
def config(context: click.Context) -> None:
    """Check the settings and show them, without secrets, each alert rule in a sentence."""
    settings = settings_of(context)
    click.echo(msgspec.json.format(msgspec.json.encode(_told(settings))).decode())


def _told(settings: Settings) -> dict[str, Any]:
    plain = shown(settings)
    capacity = capacity_sentences(settings.policy("").target) if settings.alerts.capacity else []
    rules = [sentence(rule, _target(rule, settings)) for rule in rules_of(settings)]
    plain["alerts"]["in_words"] = [*capacity, *rules]
    if said := unheard(settings):
        plain["alerts"]["told_to_nobody"] = said
    return plain


def _target(rule: Rule, settings: Settings) -> float:
    """That of its queues where it names them and they share one, otherwise the one of most."""
    own = {settings.policy(queue).target for queue in rule.queues}
    return own.pop() if len(own) == 1 else settings.policy("").target
