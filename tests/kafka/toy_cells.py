"""The cells that workers of the toy held when they ended, and where they differ from what they must be."""

from tests.kafka import toy_core as core
from tests.kafka.toy_rig import HORIZON_MS
from tests.kafka.toy_worker import PARTITIONS


def cells_of(dumps, table):
    """The cells of several workers together."""
    return {tuple(key): cell for dump in dumps for key, cell in dump[table]}


def tallies_of(dumps):
    return {
        key: [cell[0], {int(pane): n for pane, n in cell[1].items()}]
        for key, cell in cells_of(dumps, "tallies").items()
    }


def wrong(found, expected):
    """Places where two dictionaries differ, a few of them in words."""
    places = [place for place in found.keys() | expected.keys() if found.get(place) != expected.get(place)]
    shown = [f"{place}: {found.get(place)} instead of {expected.get(place)}" for place in sorted(places, key=str)[:5]]
    return f"{len(places)} of {len(expected)} wrong: {shown}" if places else ""


def assert_equal(found, expected):
    differing = wrong(found, expected)
    assert not differing, differing


def contacts_by_key(cells):
    return {key: cell[1:] for key, cell in cells.items()}


async def all_is_right(rig):
    """Figures, contacts and clocks, in memory and in the changelogs; ends every worker."""
    places = await rig.all_committed()
    *others, last = rig.workers
    for name in [*others, last]:
        await rig.ready(name)
    for name in others:
        await rig.end(name)
        await rig.serves(last, PARTITIONS, timeout_s=20)
    dumps = [await rig.end(last)]
    contacts, tallies, clocks = core.truth(rig.logs, HORIZON_MS)
    assert {p: clock for p, (_, clock) in places.items()} == clocks, "the clock stored with the offset committed"
    assert_equal(contacts_by_key(cells_of(dumps, "contacts")), contacts)
    assert_equal(core.figures(tallies_of(dumps)), tallies)
    assert_equal(contacts_by_key(await rig.changelog("contacts")), contacts)
    assert_equal(core.figures(await rig.changelog("tallies")), tallies)
