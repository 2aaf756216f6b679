"""What can be set: the tables of `callpulse.toml`, the type and the default of every key."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from callpulse.alerts.core.hours import Hours
from callpulse.settings.alerts import Alerts, keys_of_alerts
from callpulse.settings.boards import Board
from callpulse.settings.hours import OpeningHours, hours_of
from callpulse.settings.logs import Logs
from callpulse.settings.values import Duration, Language, Port, Share, Table, milliseconds
from callpulse.settings.wallboard import KeyOrNone, Token, Wallboard
from callpulse.stream.core.catalogue import FormulaName
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.windows import Calendar

_PORT = r"(\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])"
_HOST = rf"(\[[0-9A-Fa-f:.]+\]|[^\s,:\[\]]+)(:{_PORT})?"
Brokers = Annotated[
    str,
    Meta(
        pattern=rf"^{_HOST}(\s*,\s*{_HOST})*$",
        description="HOST:PORT, several with commas between, ports up to 65535",
    ),
]
WebAddress = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+\S*)?$", description="http://HOST:PORT or https://HOST")]
WholeSeconds = Annotated[int, Meta(ge=0, le=7200)]


class Site(Table, frozen=True, kw_only=True):
    """`name` is part of every Redis key; zone, day_start and interval_min cut the clock intervals and the day.
    `agent_key`: secret of agents' pseudonyms, the same for all workers."""

    name: Annotated[str, Meta(pattern=r"^[^{}\s]{1,60}$", description="1 to 60 characters, no space, no braces")] = (
        "main"
    )
    zone: str = "UTC"
    day_start: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):(00|15|30|45)$", description="HH:MM, a quarter")] = (
        "00:00"
    )
    interval_min: Literal[15, 30] = 15
    show_agents: bool = False
    agent_key: KeyOrNone = ""
    language: Language = "en"


class Kafka(Table, frozen=True, kw_only=True):
    """Where Kafka is and how the topics are named and cut."""

    brokers: Brokers = "127.0.0.1:9092"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    username: str = ""
    password: str = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    key_password: str = ""
    prefix: Annotated[
        str,
        Meta(pattern=r"^[A-Za-z0-9._-]{1,80}$", description="1 to 80 letters, digits, dots, dashes and underscores"),
    ] = "callpulse"
    partitions: Annotated[int, Meta(ge=1, le=1000)] = 8
    replication: Annotated[int, Meta(ge=1, le=10)] = 1
    session_timeout: Duration = "6s"
    idempotence: bool = True  # of sources; off only for brokers without producer ids, such as the embedded one


class Redis(Table, frozen=True, kw_only=True):
    """Where current values go. Keys live for `ttl`, every queue is written once per `cadence`. `username`, `password`:
    where they do not stand in the address."""

    url: str = "redis://127.0.0.1:6379/0"
    username: str = ""
    password: str = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    key_password: str = ""
    ttl: Duration = "30s"
    cadence: Duration = "5s"


class Metrics(Table, frozen=True, kw_only=True):
    """Where the worker serves /metrics, /livez and /readyz. `max_queues`: of one worker, in Prometheus. The rest is for
    the alerts worker too: the certificate, and what who reads /metrics is asked for, `token`, or user and password."""

    host: str = "127.0.0.1"
    port: Port = 9464
    max_queues: Annotated[int, Meta(ge=1)] = 2000
    cert_file: str = ""
    key_file: str = ""
    key_password: str = ""
    token: KeyOrNone = ""
    username: Annotated[
        str, Meta(pattern=r"^[^:\x00-\x1f]{0,100}\Z", description="at most 100 characters, no colon")
    ] = ""
    password: str = ""

    def __repr__(self) -> str:
        return "Metrics(…)"

    @property
    def asks(self) -> bool:
        """Whether who reads /metrics is asked for a secret."""
        return bool(self.token or self.password)


class Monitoring(Table, frozen=True, kw_only=True):
    """What `callpulse generate` puts into rules and dashboards. `runbook_url`: where docs/RUNBOOK.md can be read.
    `prometheus_url`: whom `callpulse doctor` asks. Where Prometheus, on its own machine, finds things: `token_file` and
    `password_file` what [metrics] asks for (without a token file it shows no token), `ca_file` whose certificates it
    trusts (empty: those that the machine does)."""

    runbook_url: str = ""
    token_file: str = "/run/secrets/metrics_token"  # noqa: S105 - a path
    password_file: str = "/run/secrets/metrics_password"  # noqa: S105 - a path
    ca_file: str = ""
    prometheus_url: WebAddress = ""


class Worker(Table, frozen=True, kw_only=True):
    """What is believed and how long it is kept. `time = "event"` stops comparing event times with wall time."""

    time: Literal["wall", "event"] = "wall"
    visit_retention: Duration = "24h"
    live_retention: Duration = "3h"
    interval_retention: Duration = "8d"
    max_wait: Duration = "2h"
    max_wait_by_channel: dict[str, Duration] = field(default_factory=dict)
    max_future: Duration = "5m"
    commit_interval: Duration = "1s"
    state_dir: str = ".callpulse"


class Source(Table, frozen=True, kw_only=True):
    """`customer_key`: secret with which customers' numbers are hashed; without it they are left out. `customer_key_id`
    stands before each hash, so that those of another key can be told from it."""

    customer_key: str = ""
    customer_key_id: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_-]{0,16}\Z", description="at most 16 letters, digits, _ and -")
    ] = ""


class QueueSettings(Table, frozen=True, kw_only=True):
    """How one queue is judged, and when it is open; what is not set comes from [queue_defaults]."""

    threshold_s: WholeSeconds | None = None
    boundary: Literal["le", "lt"] | None = None
    formula: FormulaName | None = None
    target: Share | None = None
    short_abandon_s: WholeSeconds | None = None
    channel: str | None = None
    hours: OpeningHours | None = None


class Group(Table, frozen=True, kw_only=True):
    """Queues that are shown added together."""

    queues: tuple[str, ...]

    def holds(self, queue: str) -> bool:
        """Whether the queue is one of them."""
        return any(fnmatchcase(queue, pattern) for pattern in self.queues)


class Settings(Table, frozen=True, kw_only=True):
    """The whole of `callpulse.toml`."""

    site: Site = Site()
    kafka: Kafka = Kafka()
    redis: Redis = Redis()
    metrics: Metrics = Metrics()
    monitoring: Monitoring = Monitoring()
    worker: Worker = Worker()
    source: Source = Source()
    queue_defaults: QueueSettings = QueueSettings()
    queues: dict[str, QueueSettings] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    logs: Logs = Logs()
    alerts: Alerts = Alerts()
    wallboard: Wallboard = Wallboard()
    boards: dict[str, Board] = field(default_factory=dict)

    def policy(self, queue: str) -> Policy:
        """How this queue is judged."""
        own, shared = self.queues.get(queue, QueueSettings()), self.queue_defaults
        chosen = {name: _first(getattr(own, name), getattr(shared, name)) for name in Policy.__struct_fields__}
        return Policy(**{name: value for name, value in chosen.items() if value is not None})

    def channel(self, queue: str) -> str | None:
        """The channel that configuration gives this queue, or None."""
        return self.queues.get(queue, QueueSettings()).channel or self.queue_defaults.channel

    def hours(self, queue: str) -> Hours | None:
        """When this queue is open; None = always."""
        own = self.queues.get(queue, QueueSettings()).hours
        return hours_of(own or self.queue_defaults.hours, self.site.zone)

    def calendar(self) -> Calendar:
        """How this site cuts time."""
        hours, minutes = self.site.day_start.split(":")
        return Calendar(self.site.zone, int(hours) * 60 + int(minutes), self.site.interval_min)

    def limits(self) -> Limits:
        """How long things are kept and believed, in milliseconds."""
        worker = self.worker
        return Limits(
            horizon_ms=milliseconds(worker.visit_retention),
            live_ms=milliseconds(worker.live_retention),
            interval_ms=milliseconds(worker.interval_retention),
            max_wait_ms=milliseconds(worker.max_wait),
            max_wait_by_channel_ms={name: milliseconds(wait) for name, wait in worker.max_wait_by_channel.items()},
            max_future_ms=milliseconds(worker.max_future) if worker.time == "wall" else None,
        )


def sections() -> dict[str, type[Struct]]:
    """The sections whose keys are known, by name."""
    known = (Site, Kafka, Redis, Metrics, Monitoring, Worker, Source, Logs, Alerts, Wallboard)
    return {cls.__name__.lower(): cls for cls in known} | {"queue_defaults": QueueSettings}


def keys_of(path: Sequence[str], raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys known in the table at `path`; those of the top level where it is empty. `raw` = what was read."""
    if path and path[0] == "alerts":
        return keys_of_alerts(path[1:], raw["alerts"])
    if list(path[:2]) == ["wallboard", "tokens"]:
        return Token.__struct_fields__
    if path[-1:] == ["hours"] and path[0] in ("queues", "queue_defaults"):
        return OpeningHours.__struct_fields__
    shapes = sections() | {"queues": QueueSettings, "groups": Group, "boards": Board}
    return shapes.get(path[0] if path else "", Settings).__struct_fields__


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
