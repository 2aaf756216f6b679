"""A worker of two tables on the batch transport, as a process: `python -m tests.kafka.toy_worker '{"id": …}'`.

Options (JSON): bootstrap, id (of the app and group), topic, member, folder, and optional session_s, horizon_ms, and
hazards at the awaits of a flush: seed, latency_s, kill (chance of dying), fail (chance of a write that failed);
dies_after: so many events, and its agent raises in the middle of a batch; blocks_s: how long its loop is held up, once;
dies_at: the end of the name of the changelog that has just been written; freezes_at: the same, but it stops (SIGSTOP)
until it is continued; without: guards (tests/chaos/guards.py) that it does without; overlooks: as leader, knows nothing
of contacts in so many rounds; look_s: how often it looks at the source topics; most, full_s: how many events may wait
for a commit, and how long in silence. At a graceful stop it leaves `<member>.json` in `folder`.
"""

import asyncio
import json
import logging
import os
import random
import signal
import sys
import time
from pathlib import Path

from aiokafka.errors import KafkaTimeoutError

from callpulse.stream.tables import Changelog, cut_table
from callpulse.stream.transport import BatchApp, Codec, consumer, faust_settings, run, watch
from callpulse.stream.transport.writer import ChangelogWriter
from tests.chaos import guards
from tests.kafka import toy_core as core

PARTITIONS = 4
EXIT_IN_FLUSH = 66


class Hazards:
    """What may happen at an await of a flush."""

    def __init__(self, options):
        self.latency_s = options.get("latency_s", 0.0)
        self.kill, self.fail = options.get("kill", 0.0), options.get("fail", 0.0)
        self.chance = random.Random(options.get("seed", 0))

    async def __call__(self, *_):
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if self.chance.random() < self.kill:
            os._exit(EXIT_IN_FLUSH)
        if self.chance.random() < self.fail:
            raise KafkaTimeoutError("failed on purpose")


class HazardousWriter(ChangelogWriter):
    def __init__(self, app, hazards):
        super().__init__(app)
        self.hazards = hazards

    async def send(self, batch, topic, partition):
        await self.hazards()
        return self.acknowledged(await super().send(batch, topic, partition), topic)

    async def acknowledged(self, sent, topic):
        answer = await sent
        await self.hazards()
        if topic.endswith(self._app.options.get("dies_at", "-nowhere")):
            os._exit(EXIT_IN_FLUSH)
        if topic.endswith(self._app.options.get("freezes_at", "-nowhere")):
            del self._app.options["freezes_at"]
            os.kill(os.getpid(), signal.SIGSTOP)
        return answer


class Shortsighted:
    """The metadata of a leader that has not heard of a topic yet."""

    def __init__(self, cluster):
        self.cluster = cluster

    def partitions_for_topic(self, topic):
        return None if topic.endswith("contacts-changelog") else self.cluster.partitions_for_topic(topic)


class ToyApp(BatchApp):
    def __init__(self, options):
        self.options = options
        self.hazards = Hazards(options)
        settings = faust_settings(
            brokers=options["bootstrap"],
            partitions=PARTITIONS,
            member=options["member"],
            session_timeout_s=options.get("session_s", 6.0),
            commit_interval_s=options.get("commit_s", 0.5),
        )
        super().__init__(options["id"], **settings)
        self.applied = self.first = 0
        numbers = Codec(core.encode, core.decode_tally_key, core.encode, core.decode_tally, lambda tally: tally[0])
        facts = Codec(
            core.encode, core.decode_contact_key, core.encode, core.decode_contact, lambda contact: contact[0]
        )
        keep = Changelog(cleanup_policy=options.get("cleanup", "compact"))
        self.tallies = cut_table(self, "tallies", numbers, keep)
        self.contacts = cut_table(self, "contacts", facts, keep)
        topic = self.batch_topic(options["topic"], tables=[self.tallies, self.contacts], before_flush=self.hazards)
        self.agent(topic)(self.count)
        self.assign, self.assignor._assign = self.assignor._assign, self.overlook

    async def count(self, stream):
        async for batch in stream:
            part = self.batches.accept(batch)
            if part is None:
                continue
            p = batch.partition
            if blocks_s := self.options.pop("blocks_s", 0.0):
                time.sleep(blocks_s)  # noqa: ASYNC251 - the point of it
            if self.applied > self.options.get("dies_after", 1 << 60):
                batch[len(batch) // 2].value = b"not an event"
            part.clock = core.apply(
                batch, part.clock, self.options.get("horizon_ms", 60_000),
                self.contacts.cells[p], self.tallies.cells[p], self.contacts.dirty[p], self.tallies.dirty[p],
            )  # fmt: skip
            part.next = batch[-1].offset + 1
            self.applied += len(batch)
            self.report()

    def overlook(self, cluster, members):
        if self.options.get("overlooks", 0) > 0:
            self.options["overlooks"] -= 1
            cluster = Shortsighted(cluster)
        return self.assign(cluster, members)

    def report(self):
        if not self.first:
            self.first, self.first_s = self.applied, time.perf_counter()
        elif self.applied >= self.options.get("bench", 1 << 60):
            took = time.perf_counter() - self.first_s
            print(f"{(self.applied - self.first) / took:.0f} events/s", flush=True)
            self.options["bench"] = 1 << 60

    def new_changelog_writer(self):
        return HazardousWriter(self, self.hazards)

    def clock_without_metadata(self, topic, partition):
        return max((max(contact[1:]) for contact in self.contacts.cells[partition].values()), default=0)

    def on_part_lost(self, topic, partition):
        print("lost", partition, flush=True)

    def on_loss(self, loss):
        print("loss", loss.what, loss.partition, loss.events, flush=True)
        super().on_loss(loss)

    def on_part_ready(self, topic, partition, part):
        print("ready", partition, part.next, part.clock, part.gen, len(self.contacts.cells[partition]), flush=True)

    def dump(self):
        """What this process holds, by owned partition."""
        return {
            "counts": self.batches.counts,
            "applied": self.applied,
            "owned": {tp.partition: [part.next, part.clock] for tp, part in self.batches.parts.items()},
            "contacts": [[key, cell] for p in self.owned() for key, cell in self.contacts.cells[p].items()],
            "tallies": [[key, cell] for p in self.owned() for key, cell in self.tallies.cells[p].items()],
        }

    def owned(self):
        return [tp.partition for tp in self.batches.parts]


async def serve(options):
    for guard in options.get("without", ()):
        guards.WITHOUT[guard]()
    consumer.LOOK_S = options.get("look_s", consumer.LOOK_S)
    watch.FULL_S = options.get("full_s", watch.FULL_S)
    watch.MOST_UNCOMMITTED = options.get("most", watch.MOST_UNCOMMITTED)
    app = ToyApp(options)
    await run(app)
    (Path(options["folder"]) / f"{options['member']}.json").write_text(json.dumps(app.dump()))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stdout)
    asyncio.run(serve(json.loads(sys.argv[1])))
