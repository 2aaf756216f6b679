"""`callpulse alert list|ack|mute|unmute|test`"""

import asyncio
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import click
import msgspec

from callpulse.alerts import asking, commanding
from callpulse.alerts.commanding import KafkaAwayError, Made, WrongCommandError
from callpulse.alerts.core.figures import name
from callpulse.alerts.core.outcome import Delivered
from callpulse.alerts.core.patterns import matches
from callpulse.alerts.core.rule_faults import nearest
from callpulse.alerts.core.stored import DAY_MS, LONGEST_MUTE_MS, Command
from callpulse.board.figures import since
from callpulse.clock import now_ms
from callpulse.commands.common import fail, hush_kafka, login_name, say, settings_of
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.connection import RedisAwayError, RedisUrlError
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import Settings, SettingsError, milliseconds, rules_of
from callpulse.settings.alert_faults import TAKEN as NOT_OF_A_FILE


@click.group(short_help="See, take and silence alerts; test the channels.")
def alert() -> None:
    """What goes on, and what is done about it. `callpulse alerts` must run."""


@alert.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """Every alert that stands, and every mute in force."""
    settings = settings_of(context)
    alerts = _alerts(settings)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(alerts.fields)).decode())
        return
    for row in alerts.standing:
        say(*_lines(row, settings))
    if not alerts.standing:
        say("no alert stands")
    for mute in alerts.mutes.values():
        what = f"rule {mute.rule}, queue {mute.queue}"
        why = f": {mute.why}" if mute.why else ""
        say(f"mute {mute.id} until {_clock(mute.until_ms, settings)} by {mute.by} ({what}){why}")
    if alerts.unread:
        say(f"{alerts.unread} more that only another version of callpulse can read", err=True)


@alert.command()
@click.argument("id_", metavar="ALERT")
@click.option("--why", default="", help="What you do about it.")
@click.option("--by", default=None, help="Who you are; by default who is logged in.")
@click.pass_context
def ack(context: click.Context, id_: str, why: str, by: str | None) -> None:
    """Take an alert: it is not repeated, and everybody sees who has it. ALERT: its id, eight characters or more, or the
    name of its queue."""
    settings = settings_of(context)
    found = _meant(_alerts(settings), id_)
    _ask(settings, lambda: commanding.taken(found, _who(by), why, now_ms()))
    say(f"taken: {found[:8]}")


@alert.command()
@click.option("--queue", default=None, help="Pattern; * stands for anything. Without it all are meant.")
@click.option("--rule", default="*", help="Pattern; * stands for anything.")
@click.option("--for", "for_", default="1h", help="For how long, such as 30m or 8h.")
@click.option("--why", required=True, help="For everybody who wonders why it is silent.")
@click.option("--by", default=None, help="Who you are; by default who is logged in.")
@click.pass_context
def mute(context: click.Context, queue: str | None, rule: str, for_: str, why: str, by: str | None) -> None:
    """Be silent for a while. It ends by itself; what still stands then is told."""
    settings = settings_of(context)
    try:
        lasts_ms = milliseconds(for_)
    except ValueError:
        fail(f"--for {for_}: expected a whole number with s, m, h or d, such as 30m", WRONG)
    if not 0 < lasts_ms <= LONGEST_MUTE_MS:
        fail(f"--for {for_}: expected more than nothing and at most {LONGEST_MUTE_MS // DAY_MS}d", WRONG)
    queues, at_ms = _queues(settings), now_ms()
    if queue is not None and "*" in queue and queue in queues:
        fail(
            f"--queue {queue}: a queue has this name, and * stands for anything: others would be silent too; without "
            "--queue all are muted; nothing has been done",
            WRONG,
        )
    meant = "*" if queue is None else queue
    asked = _ask(settings, lambda: commanding.muted(rule, meant, _who(by), why, (at_ms, at_ms + lasts_ms)))
    say(f"muted until {_clock(asked.until_ms, settings)}: {asked.id}")
    for note in _idle(settings, rule, meant, queues):
        say(f"callpulse: {note}", err=True)


@alert.command()
@click.argument("id_", metavar="MUTE")
@click.option("--by", default=None, help="Who you are; by default who is logged in.")
@click.pass_context
def unmute(context: click.Context, id_: str, by: str | None) -> None:
    """Speak again before a mute ends by itself. MUTE: its id, as `callpulse alert list` shows it."""
    settings = settings_of(context)
    if id_ not in _alerts(settings).mutes:
        fail(f"no mute {id_!r} is in force; `callpulse alert list` shows those that are", WRONG)
    _ask(settings, lambda: commanding.unmuted(id_, _who(by), now_ms()))
    say(f"no longer muted: {id_}")


@alert.command()
@click.pass_context
def test(context: click.Context) -> None:
    """Tell every channel of a test, and that it is over. Says how each went."""
    settings = settings_of(context)
    if not settings.alerts.channels:
        fail("no channel is set; expected [alerts.channels.NAME] in callpulse.toml (docs/ALERTS.md)", WRONG)
    outcomes = asyncio.run(asking.tested(settings, now_ms()))
    for channel, outcome in outcomes.items():
        say(f"{channel}: " + ("delivered" if isinstance(outcome, Delivered) else outcome.reason))
    if not all(isinstance(outcome, Delivered) for outcome in outcomes.values()):
        raise click.exceptions.Exit(TROUBLE)


def _alerts(settings: Settings) -> Alerts:
    try:
        alerts = asyncio.run(asking.going_on(settings))
    except RedisUrlError as error:
        fail(str(error), WRONG)
    except RedisAwayError as error:
        fail(f"Redis did not answer: {error}", TROUBLE)
    if alerts is None:
        fail("no alerts worker has written of late; expected `callpulse alerts` to run", TROUBLE)
    return alerts


def _queues(settings: Settings) -> list[str]:
    """Those that Redis has heard of; none where it is away, which keeps nobody from a mute."""
    try:
        return asyncio.run(asking.queues_of(settings))
    except RedisUrlError as error:
        fail(str(error), WRONG)
    except RedisAwayError:
        return []


def _idle(settings: Settings, rule: str, queue: str, queues: Sequence[str]) -> Iterator[str]:
    """What a mute names and nobody has now: perhaps a slip, perhaps a queue of tomorrow."""
    rules = {*NOT_OF_A_FILE, *(each.name for each in rules_of(settings))}
    if not any(matches(rule, each) for each in rules):
        yield f"--rule {rule}: no rule matches it; {nearest(rule, 'a rule', rules)}"
    if queues and not any(matches(queue, each) for each in queues):
        yield f"--queue {queue}: no queue matches it now; {nearest(queue, 'a queue', queues)}"


def _clock(at_ms: int, settings: Settings) -> str:
    """By the clock of the site, as on the wall; with the date where it is another day there."""
    return since(at_ms, now_ms(), ZoneInfo(settings.site.zone))


def _lines(row: Alert, settings: Settings) -> Iterator[str]:
    taken = f", taken by {name(row.acknowledged.by)}" if row.acknowledged else ""
    shown = "" if row.told else ", shown only"
    id_ = row.id[:8] if row.id else "-" * 8
    where = name(row.queue) or "the whole site"
    begun = f"since {_clock(row.onset_ms, settings)} " if row.onset_ms is not None else ""
    yield f"{id_}  {row.severity:8}  {where}  {begun}({', '.join(row.rules)}{taken}{shown})"
    if said := row.said.get(settings.alerts.language or settings.site.language):
        yield f"          {said.sentence}"


def _meant(alerts: Alerts, asked: str) -> str:
    found = [row.id for row in alerts.rows.values() if row.id and (row.id.startswith(asked) or row.queue == asked)]
    if not found and asked in {row.queue for row in alerts.standing}:
        fail(f"the alert of {asked!r} is only shown as yet: nobody was told of it, so that nobody can take it", WRONG)
    if not found:
        fail(f"no alert {asked!r} stands; `callpulse alert list` shows those that do", WRONG)
    if len(found) > 1 or len(asked) == 0:
        fail(f"{asked!r} is the beginning of several alerts; expected more of its id", WRONG)
    return found[0]


def _ask(settings: Settings, made: Made) -> Command:
    hush_kafka()
    try:
        command = made()
        asyncio.run(asking.ask(settings, command))
    except (WrongCommandError, SettingsError) as error:
        fail(str(error), WRONG)
    except KafkaAwayError as error:
        fail(f"{error}; nothing has been done", TROUBLE)
    return command


def _who(by: str | None) -> str:
    return by or login_name() or fail("--by: expected your name; this system does not know it", WRONG)
