"""`callpulse repartition`: look, say what would be done, do it."""

from collections.abc import Callable
from typing import Any

from aiokafka.errors import KafkaError

from callpulse.kafka.why import why
from callpulse.newer import WHAT_TO_DO, NewerError, NewerStateError
from callpulse.repartition.cluster import Cluster
from callpulse.repartition.look import Picture, look
from callpulse.repartition.trouble import RepartitionError
from callpulse.repartition.work import Work
from callpulse.stream.topic_list import group
from callpulse.stream.transport import TransportError

MakeCluster = Callable[[dict[str, Any], str], Cluster]


async def repartition(
    client: dict[str, Any],
    prefix: str,
    partitions: int,
    *,
    apply: bool,
    say: Callable[[str], None],
    make: MakeCluster = Cluster,
) -> None:
    """Returns when everything is said, and with `apply` done. `client`: aiokafka's settings of the connection. Raises
    RepartitionError."""
    try:
        await _repartition(make(client, group(prefix)), prefix, partitions, apply, say)
    except NewerError as error:
        raise RepartitionError(f"what is committed was stored with {error}. {WHAT_TO_DO}") from error
    except (NewerStateError, TransportError) as error:
        raise RepartitionError(str(error)) from error
    except KafkaError as error:
        said = why(error) or f"Kafka does not answer as expected ({error!r})"
        raise RepartitionError(f"{said}; run this again") from error


async def _repartition(made: Cluster, prefix: str, partitions: int, apply: bool, say: Callable[[str], None]) -> None:
    async with made as cluster:
        picture = await look(cluster, prefix, partitions)
        if picture.nothing_to_do(partitions):
            say(f"nothing to do: {partitions} partitions everywhere, and every cell is in its own")
            return
        for line in plan_told(picture, partitions):
            say(line)
        if not apply:
            say(f"nothing was changed. To do it: callpulse repartition --partitions {partitions} --apply")
            return
        await Work(cluster, prefix, partitions, picture, say).run()
    say(
        f"done. Set kafka.partitions = {partitions} (CALLPULSE_KAFKA_PARTITIONS={partitions}), start the workers, then "
        "the sources: one that was not stopped still sends by the old number"
    )


def plan_told(picture: Picture, partitions: int) -> list[str]:
    """What there is to do, in plain words."""
    lines = ["a repartition that was broken off is brought to its end"] if picture.marked() else []
    growing = picture.growing(partitions)
    for count in sorted({picture.counts[name] for name in growing}):
        names = ", ".join(name for name in growing if picture.counts[name] == count)
        lines.append(f"{count} to {partitions} partitions: {names}")
    cells = sum(plan.cells for plan in picture.plans.values())
    moving = sum(len(plan.tombstones) for plan in picture.plans.values())
    owners = [short for plan in picture.plans.values() for short, name in plan.names if name]
    agents, queues = owners.count("agents"), len(_queues(picture))
    whose = f": of {queues} queue{'s'[: queues != 1]}, {agents} agent{'s'[: agents != 1]}" if moving else ""
    lines.append(f"{moving:,} of {cells:,} stored cells move to another partition{whose}")
    unapplied = sum(sum(standing.unapplied().values()) for standing in picture.sources.values())
    if unapplied:
        lines.append(
            f"{unapplied:,} events are not applied yet: where some lie in a partition that is no longer their key's, "
            "they are sent again, each to the right one"
        )
    return lines


def _queues(picture: Picture) -> set[str]:
    return {name for plan in picture.plans.values() for short, name in plan.names if short != "agents" and name}
