"""The workers, by what Kafka holds of their group and of what they refused. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from callpulse.doctor.finding import Finding, fail, listed, ok, warn
from callpulse.doctor.seen import Group
from callpulse.stream.core.events import Reason
from callpulse.stream.transport.notes import noted_mark, noted_partitions

ABOUT = "workers"
MANY_BEHIND = 10_000  # events; a commit a second leaves fewer
SETTLED = "Stable"


def worker_findings(group: Group, partitions: int) -> Iterator[Finding]:
    yield _present(group, partitions)
    yield from _places(group, partitions)
    yield _lag(group)


def refused_findings(refused: Mapping[str, int]) -> Iterator[Finding]:
    """Counts of the last ten minutes by reason."""
    if not refused:
        yield ok("rejected", "no event was refused in the last ten minutes")
        return
    told = ", ".join(f"{reason} {count:,}" for reason, count in sorted(refused.items(), key=lambda item: -item[1]))
    says = f"refused in the last ten minutes: {told}"
    if Reason.WRONG_PARTITION in refused:
        yield fail(
            "rejected",
            f"{says}; a producer keys wrongly, and what it sends counts nowhere",
            "callpulse rejected list --reason wrong_partition says what to change in it",
        )
    else:
        yield warn("rejected", says, "callpulse rejected list --since 10m says why")


def _present(group: Group, partitions: int) -> Finding:
    count = len(group.members)
    if not count:
        return warn(ABOUT, "none is running", "Start one: callpulse worker")
    if group.state != SETTLED:
        return warn(ABOUT, f"{count} in a group that is {group.state}", "Wait some seconds and ask again")
    spare = f", {count - partitions} of them spare" if count > partitions else ""
    return ok(ABOUT, f"{count} running{spare}")


def _places(group: Group, partitions: int) -> Iterator[Finding]:
    notes = [note for _, note in group.committed.values()]
    moving = {mark.partitions for note in notes if (mark := noted_mark(note))}
    if moving:
        yield fail(
            ABOUT,
            f"a repartition to {min(moving)} was broken off, and no worker starts before it is done",
            f"callpulse repartition --partitions {min(moving)} --apply",
        )
    others = {found for note in notes if (found := noted_partitions(note))} - {partitions}
    if others and not moving:
        yield fail(
            ABOUT,
            f"figures were stored with {min(others)} partitions, and kafka.partitions is {partitions}",
            f"Set kafka.partitions to {min(others)}, or have them moved: callpulse repartition",
        )


def _lag(group: Group) -> Finding:
    """Events that are not stored, by topic; a partition of which nothing is stored is behind with all it has."""
    behind: Counter[str] = Counter()
    for (topic, partition), end in group.ends.items():
        first = group.firsts.get((topic, partition), 0)
        place = max(first, group.committed.get((topic, partition), (first, ""))[0])
        behind[topic] += max(0, end - place)
    total = behind.total()
    told = f"{total:,} event{'s'[: total != 1]} not stored yet"
    if total < MANY_BEHIND:
        return ok("lag", told)
    worst = listed(f"{topic} {count:,}" for topic, count in behind.most_common() if count)
    return warn(
        "lag", f"{told} ({worst})", "If callpulse_event_lag_records does not fall, start more workers, or read /readyz"
    )
