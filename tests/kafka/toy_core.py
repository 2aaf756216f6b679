"""A contact centre small enough to check by hand: contacts collect facts, tallies count what they say."""

import random
from collections import defaultdict

import msgspec

PANE_MS = 10_000
WINDOW_MS = 600_000
HEARTBEAT, ENQUEUED, CONNECTED, ABANDONED, ENDED = range(5)


class Event(msgspec.Struct, array_like=True, gc=False):
    kind: int
    queue: str
    contact: str
    at: int


encode = msgspec.json.Encoder().encode
decode_event = msgspec.json.Decoder(Event).decode
decode_contact = msgspec.json.Decoder(list[int]).decode
decode_contact_key = msgspec.json.Decoder(tuple[str, str]).decode
_decode_tally = msgspec.json.Decoder(tuple[int, dict[int, list[int]]]).decode
decode_tally_key = msgspec.json.Decoder(tuple[str, int]).decode


def decode_tally(stored):
    return list(_decode_tally(stored))


def contribution(enqueued, connected, abandoned, ended):
    """{(pane, index): number} of one contact; index 0 offered, 1 answered, 2 wait, 3 abandoned, 4 handled, 5 talk."""
    if enqueued < 0:
        return {}
    found = {(enqueued // PANE_MS, 0): 1}
    if connected >= 0:
        found[connected // PANE_MS, 1] = 1
        found[connected // PANE_MS, 2] = max(0, connected - enqueued)
        if ended >= 0:
            found[ended // PANE_MS, 4] = 1
            found[ended // PANE_MS, 5] = max(0, ended - connected)
    elif abandoned >= 0:
        found[abandoned // PANE_MS, 3] = 1
    return found


def apply(records, clock, horizon_ms, contacts, tallies, dirty_contacts, dirty_tallies):
    """Records of one partition in order; returns the new clock. contacts {(queue, id): [offset, four times]},
    tallies {(queue, window start): [offset, {pane: six numbers}]}."""
    for record in records:
        event, offset = decode_event(record.value), record.offset
        clock = max(clock, event.at)
        if event.kind == HEARTBEAT or event.at < clock - horizon_ms:
            continue
        key = (event.queue, event.contact)
        contact = contacts.setdefault(key, [-1, -1, -1, -1, -1])
        if offset <= contact[0] or 0 <= contact[event.kind] <= event.at:
            continue
        before = contribution(*contact[1:])
        contact[0], contact[event.kind] = offset, event.at
        dirty_contacts[key] = None
        _book(event.queue, offset, before, contribution(*contact[1:]), tallies, dirty_tallies)
    return clock


def _book(queue, offset, before, after, tallies, dirty):
    fresh = {}  # one decision per cell and event: an event may touch a cell several times
    for place in sorted(before.keys() | after.keys()):
        change = after.get(place, 0) - before.get(place, 0)
        pane, index = place
        key = (queue, pane * PANE_MS // WINDOW_MS * WINDOW_MS)
        if key not in fresh:
            tally = tallies.setdefault(key, [-1, {}])
            fresh[key] = offset > tally[0]
        if change and fresh[key]:
            tally = tallies[key]
            tally[0] = offset
            tally[1].setdefault(pane, [0] * 6)[index] += change
            dirty[key] = None


def traffic(seed, contacts, queues=12, start_ms=1_000_000_000, step_ms=40, prefix="c"):
    """Events with 10 % copies and 15 % out of order, some of them later than a horizon of 60 s allows."""
    chance = random.Random(seed)
    due = []
    for number in range(contacts):
        at = start_ms + number * step_ms
        queue, name = f"q{chance.randrange(queues)}", f"{prefix}{number}"
        connected = at + chance.randrange(60_000)
        facts = [(ENQUEUED, at)]
        if chance.random() < 0.8:
            facts += [(CONNECTED, connected), (ENDED, connected + chance.randrange(200_000))]
        else:
            facts.append((ABANDONED, connected))
        for kind, when in facts:
            for _ in range(1 + (chance.random() < 0.1)):
                late = chance.choice((5_000, 30_000, 90_000)) if chance.random() < 0.15 else 0
                due.append((when + late, Event(kind, queue, name, when)))
        if number % 25 == 0:
            due.append((at, Event(HEARTBEAT, f"q{chance.randrange(queues)}", "", at)))
    due.sort(key=lambda pair: pair[0])
    return [event for _, event in due]


def truth(logs, horizon_ms):
    """What must come out, by other means than `apply`: {partition: [events in order]} -> contacts, tallies, clocks."""
    contacts, clocks = {}, {}
    for partition, events in logs.items():
        clock = 0
        for event in events:
            clock = max(clock, event.at)
            if event.kind != HEARTBEAT and event.at >= clock - horizon_ms:
                times = contacts.setdefault((event.queue, event.contact), [-1] * 4)
                known = times[event.kind - 1]
                times[event.kind - 1] = event.at if known < 0 else min(known, event.at)
        clocks[partition] = clock
    return contacts, _tallies(contacts), clocks


def _tallies(contacts):
    tallies = defaultdict(int)
    for (queue, _), times in contacts.items():
        for (pane, index), number in contribution(*times).items():
            tallies[queue, pane, index] += number
    return {place: number for place, number in tallies.items() if number}


def figures(tallies):
    """Stored tallies as {(queue, pane, index): number}, zeros left out."""
    return {
        (queue, pane, index): number
        for (queue, _), tally in tallies.items()
        for pane, numbers in tally[1].items()
        for index, number in enumerate(numbers)
        if number
    }
