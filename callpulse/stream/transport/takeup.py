"""Where a partition is taken up, and what of it is gone: decided from what was kept and what the broker shows."""

from faust.types import TP
from msgspec import Struct

from callpulse.stream.transport import losses
from callpulse.stream.transport.editions import edition_of, in_kafka
from callpulse.stream.transport.losses import Loss
from callpulse.stream.transport.notes import Note


class Shown(Struct, frozen=True):
    """A source partition as the broker shows it: offsets of the first event and after the last."""

    earliest: int
    end: int
    topic_id: str = ""


class Kept(Struct, frozen=True):
    """What is known of it. `cells`: the offset after the largest that a recovered cell holds, 0 without cells.
    `lost_tables`: whose changelog is shorter than noted; `in_memory`: their cells are here all the same. `jumped`: the
    broker answered from before the place that was asked for. `moved`: the offset was set by hand, and `note` belongs to
    the one before."""

    committed: int | None
    note: Note | None = None
    cells: int = 0
    lost_tables: tuple[str, ...] = ()
    in_memory: bool = False
    jumped: bool = False
    moved: bool = False

    @property
    def edition(self) -> int:
        return max(self.note.edition if self.note else 0, edition_of(self.cells - 1))

    @property
    def reached(self) -> int:
        """Kafka's offset up to which events were read, 0 if none was."""
        cells = in_kafka(self.cells) if edition_of(self.cells - 1) == self.edition else 0
        return max(self.committed or 0, self.note.offset if self.note else 0, cells)

    @property
    def is_comparable(self) -> bool:
        """A broker that drops what is stored with a commit also tells wrong ends (the embedded one)."""
        return self.committed is None or self.note is not None


class TakeUp(Struct, frozen=True):
    """`offset`: Kafka's. `rebuilds`: tables are made again from the events: the last one (contacts), which decides what
    the others are still given, or with `all_tables` all of them."""

    offset: int
    edition: int
    losses: tuple[Loss, ...] = ()
    rebuilds: bool = False
    all_tables: bool = False


def take_up(tp: TP, kept: Kept, shown: Shown) -> TakeUp:
    """No event is lost that the broker still has, and none is counted twice."""
    anew = _anew(tp, kept, shown)
    edition = kept.edition + bool(anew)
    gone = list(filter(None, (anew,)))
    if kept.lost_tables and not kept.in_memory:
        gone.append(losses.changelog(tp, kept.lost_tables, shown.earliest))
        return TakeUp(shown.earliest, edition, tuple(gone), rebuilds=True, all_tables=anew is not None)
    if kept.lost_tables:
        gone.append(losses.rewritten(tp, kept.lost_tables))
    if anew:
        return TakeUp(shown.earliest, edition, tuple(gone))
    first = kept.committed if kept.committed is not None else kept.reached or shown.earliest
    if first < shown.earliest:
        gone.append(losses.expired(tp, first, shown.earliest))
    start = shown.earliest if kept.committed is None else max(kept.committed, shown.earliest)
    return TakeUp(start, edition, tuple(gone))


def _anew(tp: TP, kept: Kept, shown: Shown) -> Loss | None:
    """Do the offsets of this partition begin anew?"""
    if not kept.reached:
        return None
    if kept.note and kept.note.topic and shown.topic_id and kept.note.topic != shown.topic_id:
        return losses.recreated(tp, shown.earliest)
    if kept.jumped or (kept.is_comparable and kept.reached > shown.end):
        return losses.shorter(tp, kept.reached, shown.end, shown.earliest)
    return None
