"""Everybody who is told: a loop for each channel, and the signs of life. They run while this worker is the one who
judges, and begin anew with what was stored and has not been told."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from random import Random

from aiohttp import ClientSession

from callpulse.alerts.channels import alertmanager, apprise, pagerduty, webhook
from callpulse.alerts.channels.alertmanager import Cluster
from callpulse.alerts.channels.channel import Channel, teller
from callpulse.alerts.core.message import Message, message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, Outcome
from callpulse.alerts.core.rules import EVERYDAY_AUDIENCE
from callpulse.alerts.core.words import Language
from callpulse.alerts.heartbeat import Heartbeat, keep_beating, show_life
from callpulse.alerts.telling import Telling, Told
from callpulse.clock import monotonic_s, now_ms
from callpulse.ending import ended
from callpulse.settings import Settings, SettingsError, milliseconds
from callpulse.settings import channels as tables
from callpulse.settings.alert_rules import rules_of

LAST_ATTEMPT_S = 2.0  # within it, who hands over hears how its last attempts end: else they would be made again

Words = Callable[[Notice], Message]


def channels_of(settings: Settings) -> dict[str, Channel]:
    """By name, as the settings have them."""
    return {name: channel_of(table) for name, table in settings.alerts.channels.items()}


def channel_of(table: tables.Channel) -> Channel:
    """One of them."""
    match table:
        case tables.Alertmanager():
            there = alertmanager.Alertmanager(urls=table.urls, resend_s=table.resend_s, timeout_s=table.timeout_s)
            return Cluster(there)
        case tables.PagerDuty():
            return pagerduty.PagerDuty(routing_key=table.routing_key, url=table.url, timeout_s=table.timeout_s)
        case tables.Webhook():
            return webhook.Webhook(url=table.url, secret=table.secret, timeout_s=table.timeout_s)
        case tables.Apprise():
            return apprise.Apprise(url=table.url, format=table.format, timeout_s=table.timeout_s)


def check_channels(settings: Settings) -> None:
    """What only the library of a channel knows. Raises SettingsError."""
    said = []
    for name, channel in channels_of(settings).items():
        wrong = apprise.fault(channel) if isinstance(channel, apprise.Apprise) else None
        if wrong is not None:
            said.append(f"alerts.channels.{name}: {wrong}")
    if said:
        raise SettingsError("\n".join(said))


def unheard(settings: Settings) -> str | None:
    """Whom nobody tells, as a sentence; None where every rule has a channel."""
    if not settings.alerts.channels:
        return "no channel is set: alerts are shown, and nobody is told"
    asked = {EVERYDAY_AUDIENCE, *(rule.audience for rule in rules_of(settings))}
    missing = sorted(each for each in asked if not audience(settings, each))
    return f"no channel tells the audience {', '.join(missing)}: their alerts are only shown" if missing else None


def audience(settings: Settings, asked: str) -> tuple[str, ...]:
    """The channels that tell it; one without audiences tells everything."""
    found = settings.alerts.channels.items()
    return tuple(name for name, table in found if not table.audiences or asked in table.audiences)


def words_of(settings: Settings, name: str) -> Words:
    """In the language of the channel, by the clock of the site."""
    language: Language = settings.alerts.channels[name].language or settings.alerts.language or settings.site.language
    return lambda notice: message(notice, language, settings.site.zone)


class Tellers:
    """`alive` is asked before each sign of life. `troubles`: channel -> why the latest attempt failed."""

    def __init__(self, settings: Settings, session: ClientSession, alive: Callable[[], bool]) -> None:
        self._settings, self._session, self._alive = settings, session, alive
        self._told: Callable[[Told], None] = _unasked
        self._channels = channels_of(settings)
        self._tellings: dict[str, Telling] = {}
        self._telling: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._signs: dict[str, str | None] = {}
        self._since_ms = now_ms()

    @property
    def troubles(self) -> Mapping[str, str | None]:
        """Of every channel, and of the signs of life, as far as they have been tried."""
        return {name: telling.trouble for name, telling in self._tellings.items()} | self._signs

    @property
    def waiting(self) -> int:
        """Notices that have not ended."""
        return sum(len(telling.waiting()) for telling in self._tellings.values())

    async def begin(
        self,
        told: Callable[[Told], None],
        undelivered: Iterable[tuple[str, Notice]],
        standing: Iterable[tuple[Notice, tuple[str, ...]]],
    ) -> None:
        """Tell from now on, what was not told first; `told` hears how each notice ended. An Alertmanager hears of all
        that it was told and that stands."""
        await self.end()
        self._told = told
        for name, channel in self._channels.items():
            words = words_of(self._settings, name)
            telling = Telling(
                name,
                teller(channel, self._session, words, now_ms),
                self._told,
                monotonic_s=monotonic_s,
                chance=Random(name),  # noqa: S311 - spreads retries
            )
            self._tellings[name] = telling
            self._telling.append(asyncio.create_task(telling.run()))
            if isinstance(channel, Cluster):
                for notice, channels in standing:
                    if name in channels:
                        channel.standing.hold(notice, words(notice), now_ms())
                self._tasks.append(asyncio.create_task(self._keep_sending(name, channel)))
        for name, notice in undelivered:
            self.give(name, notice)
        if self._settings.alerts.heartbeat is not None:
            self._tasks.append(asyncio.create_task(self._keep_beating(self._settings.alerts.heartbeat)))

    def give(self, channel: str, notice: Notice) -> None:
        """Have it told. A channel that is no longer configured is done with it."""
        telling = self._tellings.get(channel)
        if telling is None:
            self._told(Told(channel, notice, Delivered()))
        else:
            telling.give(notice)

    async def end(self) -> None:
        """Somebody else tells now, as soon as what is being told has ended; what stands is no longer sent by us."""
        for each in self._tellings.values():
            each.rest()
        if self._telling:
            await asyncio.wait(self._telling, timeout=LAST_ATTEMPT_S)
        tasks = self._telling + self._tasks
        self._telling, self._tasks, self._tellings, self._signs = [], [], {}, {}
        await ended(*tasks)
        for channel in self._channels.values():
            if isinstance(channel, Cluster):
                channel.standing = type(channel.standing)()

    async def _keep_sending(self, name: str, cluster: Cluster) -> None:
        site = self._settings.site.name
        await cluster.keep_sending(
            self._session,
            now_ms=now_ms,
            told=self._signed(f"{name} (resending)"),
            refresh=lambda standing: show_life(standing, site, self._since_ms, self._alive()),
        )

    async def _keep_beating(self, table: tables.Heartbeat) -> None:
        heartbeat = Heartbeat(url=table.url, every_s=milliseconds(table.every) / 1000, timeout_s=table.timeout_s)
        await keep_beating(heartbeat, self._session, alive=self._alive, now_ms=now_ms, told=self._signed("heartbeat"))

    def _signed(self, name: str) -> Callable[[Outcome], None]:
        def told(outcome: Outcome) -> None:
            self._signs[name] = None if isinstance(outcome, Delivered) else outcome.reason

        return told


def _unasked(told: Told) -> None:
    """Nothing is given before `begin`."""
