"""The batch transport on the embedded broker: one worker, no commit metadata, ListOffsets that may lag."""

from tests.kafka import toy_core as core
from tests.kafka.toy_cells import cells_of, contacts_by_key, tallies_of, wrong
from tests.kafka.toy_rig import Rig

LONG_MS = 3_600_000


async def test_counts_are_right_and_a_graceful_restart_keeps_them(embedded_broker, tmp_path):
    async with Rig(embedded_broker, "embedded", tmp_path, horizon_ms=LONG_MS) as rig:
        for round_, start_ms in enumerate((1_000_000_000, 1_000_500_000)):
            events = core.traffic(round_, 2_000, start_ms=start_ms)
            await rig.produce([event for event in events if event.kind != core.HEARTBEAT])
            rig.worker("a")
            places = await rig.all_committed(timeout_s=30)
            held = await rig.end("a")
            contacts, tallies, clocks = core.truth(rig.logs, LONG_MS)
            assert not wrong(contacts_by_key(cells_of([held], "contacts")), contacts)
            assert not wrong(core.figures(tallies_of([held])), tallies)
            assert {int(p): clock for p, (_, clock) in held["owned"].items()} == clocks
            assert not wrong(contacts_by_key(await rig.changelog("contacts")), contacts)
            assert {p: offset for p, (offset, _) in places.items()} == {p: len(log) for p, log in rig.logs.items()}
