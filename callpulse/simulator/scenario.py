"""What a simulated contact centre looks like: its queues, its people, and what goes wrong.

All `…_s` are seconds, shares lie in [0, 1]. Seconds named `at_s` count from the start of the simulation; times
of day ("09:30") are read on the scenario's own clock, which shows `starts_at` at that start. A scenario knows no
date and no time zone, so it can be played at any moment.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=200)]
TimeOfDay = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0, le=1_000_000)]
NotNegative = Annotated[float, Meta(ge=0, le=1_000_000)]
Factor = Annotated[float, Meta(ge=0, le=100)]

DAY_S = 86_400


class ScenarioError(ValueError):
    """A scenario that cannot be simulated: the message says where (file, field) and what was expected."""


class Spread(Struct, frozen=True, forbid_unknown_fields=True):
    """A lognormal duration: its mean, and its standard deviation as a share of the mean."""

    mean_s: Positive
    cv: Annotated[float, Meta(ge=0, le=5)] = 0.5


class Queue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One queue and the people who call it."""

    id: Name
    per_hour: Positive  # visits offered in an hour where the curve is 1; menu hang-ups come on top
    curve: tuple[tuple[TimeOfDay, Factor], ...] = (("00:00", 1.0),)  # straight lines between these points
    noise: Annotated[float, Meta(ge=0, le=1)] = 0.1  # standard deviation of the log of the rate, redrawn each 15 min
    open: tuple[TimeOfDay, TimeOfDay] | None = None  # None: round the clock
    capacity: Annotated[int, Meta(ge=1)] | None = None  # at most so many wait; the next is refused as full
    patience_s: Positive = 180.0  # mean of an exponential
    short_share: Share = 0.02  # hang up within 5 s, whatever their patience
    exits: dict[Name, Share] = {}  # cause -> share of those out of patience who leave that way, not by hanging up
    timeout_s: Positive | None = 1800.0  # who still waits then is sent away
    menu_share: Share = 0.05  # of all who call, hang up in the menu
    ivr: Spread = Spread(25.0, 0.5)
    ring: Spread = Spread(3.0, 0.4)
    missed_share: Share = 0.005  # offers that the agent does not pick up
    talk: Spread = Spread(200.0, 0.6)
    hold: Spread = Spread(40.0, 0.6)
    hold_share: Share = 0.12
    wrap_up: Spread = Spread(30.0, 0.5)
    transfers: dict[Name, Share] = {}  # queue -> share of conversations that end by a transfer to it
    reasons: dict[Name, NotNegative] = {}  # reason -> weight
    priority_share: Share = 0.0  # callers with priority 1; they go before all with priority 0
    channel: Text = ""
    site: Text = ""


class Break(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time away from the phone: due `after_s` after signing in plus a time of the agent's own up to `spread_s`;
    taken when the conversation at hand is over."""

    reason: Name
    after_s: NotNegative
    length_s: Positive
    spread_s: NotNegative = 0.0
    every_s: Positive | None = None


class Team(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agents with the same skills and hours (on the first day). `shift` None: signed in from the first moment on,
    and for good."""

    agents: Annotated[int, Meta(ge=1, le=100_000)]
    queues: Annotated[tuple[Name, ...], Meta(min_length=1)]
    shift: tuple[TimeOfDay, TimeOfDay] | None = None
    breaks: tuple[Break, ...] = ()
    site: Text = ""


class StaffingShock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`share` of the agents signed in to a queue are away from `at_s` for `for_s`; again every `every_s`."""

    queue: Name
    at_s: NotNegative
    for_s: Positive
    share: Share = 0.7
    reason: Name = "outage"
    every_s: Positive | None = None


class Surge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`factor` times as many callers of a queue from `at_s` for `for_s`; again every `every_s`."""

    queue: Name
    at_s: NotNegative
    for_s: Positive
    factor: Factor = 2.0
    every_s: Positive | None = None


class DeadFeed(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing is delivered from `at_s` for `for_s`; the backlog comes at once when it is over."""

    at_s: NotNegative
    for_s: Positive


class Faults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the feed does to true events: some come late (by up to `late_by_s`), some twice, at times none."""

    late_share: Share = 0.0
    late_by_s: Positive = 60.0
    double_share: Share = 0.0
    double_within_s: NotNegative = 5.0
    dead_feeds: tuple[DeadFeed, ...] = ()


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contact centre. `length_s` None: it never closes."""

    name: Name
    queues: Annotated[tuple[Queue, ...], Meta(min_length=1)]
    teams: Annotated[tuple[Team, ...], Meta(min_length=1)]
    starts_at: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "00:00"
    length_s: Positive | None = None
    warmup_s: NotNegative = 0.0  # simulated before the start, so that the start finds calls in progress
    customers: Annotated[int, Meta(ge=1)] = 20_000
    source: Annotated[str, Meta(min_length=1, max_length=100)] = "simulator"
    shocks: tuple[StaffingShock, ...] = ()
    surges: tuple[Surge, ...] = ()
    faults: Faults = Faults()


def parse(text: str | bytes, where: str) -> Scenario:
    """A scenario from TOML. `where` names the text in messages. Raises ScenarioError."""
    try:
        scenario = msgspec.toml.decode(text, type=Scenario)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise ScenarioError(f"{where}: {path.rstrip('`').removeprefix('$.') or 'scenario'}: {message}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{where}: not TOML: {error}") from error
    return checked(scenario, where)


def checked(scenario: Scenario, where: str = "scenario") -> Scenario:
    """The same scenario, or a ScenarioError that names the first field that contradicts another."""
    for complaint in _complaints(scenario):
        raise ScenarioError(f"{where}: {complaint}")
    return scenario


def seconds_of_day(time: str) -> int:
    """Seconds since midnight of "HH:MM"."""
    return int(time[:2]) * 3600 + int(time[3:]) * 60


def _complaints(scenario: Scenario) -> Iterator[str]:
    known = [queue.id for queue in scenario.queues]
    if len(set(known)) < len(known):
        yield "queues: two queues have the same id; expected each once"
    for n, queue in enumerate(scenario.queues):
        yield from (f"queues[{n}].{complaint}" for complaint in _of_queue(queue, known))
    served = {name for team in scenario.teams for name in team.queues}
    for name in known:
        if name not in served:
            yield f"teams: nobody serves {name!r}; expected every queue in the queues of some team"
    yield from _unknown_names(scenario, known)
    for n, team in enumerate(scenario.teams):
        if team.shift and seconds_of_day(team.shift[0]) >= seconds_of_day(team.shift[1]):
            yield f"teams[{n}].shift: {team.shift[0]} to {team.shift[1]}; expected to end later"


def _of_queue(queue: Queue, known: list[str]) -> Iterator[str]:
    if sum(queue.transfers.values()) > 1 or sum(queue.exits.values()) > 1:
        yield "transfers, exits: shares add up to more than 1"
    for target in queue.transfers:
        if target == queue.id or target not in known:
            yield f"transfers: {target!r}; expected another queue of this scenario"
    if queue.menu_share >= 1:
        yield "menu_share: 1; expected less, or nobody reaches the queue"
    if queue.reasons and sum(queue.reasons.values()) <= 0:
        yield "reasons: weights add up to 0; expected at least one above 0"
    yield from _of_times(queue)


def _of_times(queue: Queue) -> Iterator[str]:
    times = [seconds_of_day(time) for time, _ in queue.curve]
    if any(a >= b for a, b in pairwise(times)):
        yield "curve: times are not in order; expected each later than the one before"
    if max((factor for _, factor in queue.curve), default=0) <= 0:
        yield "curve: no point above 0; expected at least one"
    if queue.open and seconds_of_day(queue.open[0]) >= seconds_of_day(queue.open[1]):
        yield f"open: {queue.open[0]} to {queue.open[1]}; expected to close later than it opens"


def _unknown_names(scenario: Scenario, known: list[str]) -> Iterator[str]:
    users = [(f"teams[{n}].queues", team.queues) for n, team in enumerate(scenario.teams)]
    users += [(f"shocks[{n}].queue", (shock.queue,)) for n, shock in enumerate(scenario.shocks)]
    users += [(f"surges[{n}].queue", (surge.queue,)) for n, surge in enumerate(scenario.surges)]
    for field, names in users:
        for name in names:
            if name not in known:
                yield f"{field}: {name!r}; expected one of {', '.join(known)}"
