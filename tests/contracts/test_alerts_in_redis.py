"""What the alerts worker writes for boards comes back as it was: alerts, mutes, and that nobody writes any more."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from redis.asyncio import Redis

from callpulse.alerts.core.engine import Engine
from callpulse.alerts.core.incident import begun
from callpulse.alerts.core.joining import Joined
from callpulse.alerts.core.lifecycle import Phase, Reason, Severity, State, Transition
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Acknowledgement
from callpulse.alerts.core.queue_alert import Change, QueueAlert
from callpulse.alerts.core.site_alert import CAUSES
from callpulse.alerts.core.stored import OfQueue, OfSite
from callpulse.alerts.planning import plan_of
from callpulse.alerts.showing import AlertBoard, rows
from callpulse.current.alerts import About, Alert, from_hash
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.current.reader import Reader
from callpulse.current.transitions import KEPT_MS, Move, Moves
from callpulse.settings import load
from tests.notices import notice

AT = 1_795_428_000_000
KEYS = Keys("ams")
MUTE = Mute(id="m1", rule="*", queue="s*", by="Ans", why="drill", from_ms=AT, until_ms=AT + 1)
SITE_RULE = next(iter(CAUSES))


def firing(severity: Severity) -> State:
    return State(Phase.FIRING, Reason.HELD, AT, AT - 60_000, severity)


def engine() -> Engine:
    """One queue whose alert is taken, one that a rule failed for, trouble of the site, and a mute."""
    made = Engine(plan_of(load(environment={})))
    joined = Joined(Severity.CRITICAL, AT - 60_000, ("late",))
    trouble = msgspec.structs.replace(
        begun("late", "longest_wait_s", "", "sales", joined), acknowledged=Acknowledgement(by="Ans", at_ms=AT)
    )
    taken = QueueAlert(queue="sales", states={"late": firing(Severity.CRITICAL)}, incident=trouble)
    made.held.restore("sales", OfQueue(alert=taken, latest=notice(queue="sales")))
    made.held.restore("odd:name", OfQueue(alert=QueueAlert(queue="odd:name", parked={"late": "ZeroDivisionError"})))
    made.held.restore(SITE_RULE, OfSite(rule=SITE_RULE, state=firing(Severity.WARNING), queues=("a", "b")))
    made.held.restore("m1", MUTE)
    return made


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[Redis]:
    async with connect(valkey_url) as client:
        await client.flushdb()
        yield client


async def test_a_board_reads_what_the_alerts_worker_shows(client: Redis) -> None:
    await AlertBoard(client, KEYS).show(engine(), [], AT)
    alerts = (await Reader(client, KEYS).read()).alerts
    assert alerts is not None
    assert [(each.queue, each.severity) for each in alerts.standing] == [("sales", "critical"), ("", "warning")]
    assert alerts.standing[0].acknowledged == Acknowledgement(by="Ans", at_ms=AT)
    assert "sales" in alerts.standing[0].said["en"].sentence
    assert "target" in alerts.standing[0].said["en"].fact
    assert "doel" in alerts.standing[0].said["nl"].fact
    assert alerts.rows["alert:odd:name"].parked == {"late": "ZeroDivisionError"}
    assert alerts.standing[1].queues == ("a", "b")
    assert (alerts.mutes, alerts.about, alerts.unread) == ({"m1": MUTE}, About(AT), 0)


async def test_what_is_read_is_said_again_as_it_was_written(client: Redis) -> None:
    await AlertBoard(client, KEYS).show(engine(), [], AT)
    alerts = (await Reader(client, KEYS).read()).alerts
    assert alerts is not None
    written = {**rows(engine()), "about": {"written_at_ms": AT}}
    assert msgspec.json.decode(msgspec.json.encode(alerts.fields)) == msgspec.json.decode(msgspec.json.encode(written))


async def test_when_nobody_writes_any_more_that_is_known_and_not_that_all_is_well(client: Redis) -> None:
    assert (await Reader(client, KEYS).read()).alerts is None
    await AlertBoard(client, KEYS).show(Engine(plan_of(load(environment={}))), [], AT)
    alerts = (await Reader(client, KEYS).read()).alerts
    assert alerts is not None
    assert alerts.standing == []
    await client.delete(KEYS.alerts)
    assert (await Reader(client, KEYS).read()).alerts is None


def test_rows_of_another_version_are_counted_and_the_others_are_read() -> None:
    found = from_hash({b"alert:a": b'{"severity":"warning","new":1}', b"alert:b": b"{}", b"mute:c": b"[]"})
    assert found is not None
    assert (found.rows, found.unread) == ({"alert:a": Alert(severity="warning")}, 2)


async def test_what_is_over_is_told_with_how_bad_it_was_and_outlives_the_look_that_saw_it(client: Redis) -> None:
    made, board = engine(), AlertBoard(client, KEYS)
    over = notice(queue="help", kind="resolved", onset_ms=AT - 660_000, ended_ms=AT, worst=0.74, hurt=9, unit="ratio")
    made.held.restore("help", OfQueue(alert=QueueAlert(queue="help"), latest=over))
    await board.show(made, [], AT)
    made.held.restore("help", OfQueue(alert=QueueAlert(queue="help")))
    await board.show(made, [], AT + 5_000)
    alerts = (await Reader(client, KEYS).read()).alerts
    assert alerts is not None
    (ended,) = alerts.ended
    assert (ended.queue, ended.ended_ms) == ("help", AT)
    assert ended.said["en"] == "over after 11 min, service level at worst 74 %, 9 not served as promised"
    assert ended.said["nl"] == "over na 11 min, servicelevel op zijn ergst 74 %, 9 niet volgens belofte"
    assert (alerts.fields["ended"], alerts.unread) == (alerts.ended, 0)


def test_what_is_over_in_words_of_another_version_is_nothing() -> None:
    found = from_hash({b"ended": b'[{"new": 1}]', b"about": b'{"written_at_ms": 1}'})
    assert found is not None
    assert (found.ended, found.unread) == ((), 0)


async def test_what_rules_did_is_read_once_and_then_what_is_new(client: Redis) -> None:
    def change(at_ms: int, new: Severity) -> Change:
        return Change("a:b", "late", "x", Transition(at_ms, Severity.NONE, new, Reason.HELD))

    board, moves = AlertBoard(client, KEYS), Moves(client, KEYS)
    await moves.read()
    assert moves.all == ()
    await board.show(engine(), [change(AT, Severity.CRITICAL)], AT)
    await moves.read()
    await moves.read()
    await client.xadd(KEYS.transitions, {"at_ms": "soon"})
    await board.show(engine(), [change(AT + 1, Severity.NONE)], AT)
    await moves.read()
    assert moves.all == (Move(AT, "a:b", "late", "critical"), Move(AT + 1, "a:b", "late", "none"))
    await board.show(engine(), [change(AT + KEPT_MS, Severity.WARNING)], AT)
    await moves.read()
    assert [move.at_ms for move in moves.all] == [AT + 1, AT + KEPT_MS]


@pytest.mark.parametrize(("channels", "told"), [((), False), (("desk",), True)])
def test_without_a_channel_nobody_was_told(channels: tuple[str, ...], told: bool) -> None:
    made = engine()
    trouble = made.held.queues["sales"].incident
    assert trouble is not None
    trouble = msgspec.structs.replace(trouble, told=Severity.CRITICAL, channels=channels)
    made.held.put(made.held.queues["sales"].with_incident(trouble))
    assert rows(made)["alert:sales"]["told"] is told
