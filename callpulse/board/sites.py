"""Several sites as one row each, worst first: what was counted is added by the worker, and divided once. A site is a
group of queues. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from callpulse.board import after_hours
from callpulse.board.levels import LONGEST, Lamp
from callpulse.board.order import Order, arrange
from callpulse.board.row import RANK, SEVERITY_STATES, TROUBLE, UNKNOWN, Row, State
from callpulse.board.view import BoardState, HoursOf, always_open, board, key_of, of_group, with_a_row
from callpulse.current.alerts import Alert
from callpulse.current.reader import Picture


class Site(NamedTuple):
    """`row`: of its added tallies; its state also by the `alerts` that stand on its queues (None: nobody watches).
    `board`: its queues, as a board of its own has them."""

    row: Row
    board: BoardState
    alerts: tuple[Alert, ...] | None


class Sites(NamedTuple):
    """`outside`: how many queues that are shown belong to none."""

    sites: tuple[Site, ...]
    order: Order
    outside: int


def sites(
    picture: Picture,
    groups: Mapping[str, Callable[[str], bool]],
    before: Sites | None = None,
    away_since_ms: int | None = None,
    hours: HoursOf = always_open,
) -> Sites:
    """Of this moment. `groups`: by name, which queues they hold. `before`: the last one, which keeps order and states
    calm."""
    earlier = {each.row.name: each.board for each in before.sites} if before else {}
    found = {}
    for name, holds in groups.items():
        state = board(of_group(picture, name, holds), earlier.get(name), away_since_ms, hours)
        found[name] = _site(name, state, holds)
    keys = {name: key_of(each.row) for name, each in found.items()}
    order = arrange(before.order if before else None, keys, picture.redis_now_ms)
    outside = [name for name in with_a_row(picture) if not any(holds(name) for holds in groups.values())]
    return Sites(tuple(found[name] for name in order.names), order, len(outside))


def _site(name: str, state: BoardState, holds: Callable[[str], bool]) -> Site:
    told = state.alerts
    alerts = None if told is None else tuple(each for each in told.standing if each.queue and holds(each.queue))
    row = msgspec.structs.replace(state.total, name=name, state=_state(state, alerts or ()))
    return Site(row, state, alerts)


def _state(board: BoardState, alerts: tuple[Alert, ...]) -> State:
    """An alert makes it worse: the sum of many queues is well while one of them is not. Where nothing is known, or all
    is closed and nobody calls, that stays what is said. A closed one is as bad as who waits longest in it."""
    total = board.total
    if total.state in UNKNOWN or total.day_alone:
        return total.state
    told = [State(SEVERITY_STATES[each.severity]) for each in alerts]
    return min((total.state, *_late(board), *told), key=RANK.__getitem__)


def _late(board: BoardState) -> list[State]:
    """After hours, of who waits long: by the T of all, and by each queue's own."""
    if not board.total.after_hours:
        return []
    of_all = after_hours.STATES[board.total.lamps.get(LONGEST, Lamp.OK)]
    return [of_all, *(row.state for row in board.rows if row.state in TROUBLE)]
