"""How each table is stored: key and value to bytes and back."""

import sys
from typing import Any

import msgspec

from callpulse.stream.core import cells, contact_cells, schemas
from callpulse.stream.core.agents import AgentCell
from callpulse.stream.core.cells import IntervalCell, LiveCell, TotalCell
from callpulse.stream.core.contact_cells import Kept
from callpulse.stream.core.roster import QueueAgent
from callpulse.stream.tables import HOUR_MS, Changelog
from callpulse.stream.transport import Codec

_pair_of_names = msgspec.msgpack.Decoder(tuple[str, str]).decode
_name_and_start = msgspec.msgpack.Decoder(tuple[str, int]).decode
_name = msgspec.msgpack.Decoder(str).decode


def _contact_key(stored: bytes) -> tuple[str, str]:
    """The name of a queue is held once, not once for each of its contacts."""
    queue, contact_id = _pair_of_names(stored)
    return sys.intern(queue), contact_id


CONTACTS: Codec[tuple[str, str], Kept] = Codec(
    cells.encode,
    _contact_key,
    contact_cells.encode_contact,
    contact_cells.decode_contact,
    lambda contact: contact_cells.head(contact).offset,
    schemas.stored_offset(schemas.CONTACT),
    contact_cells.at_offset,
)


def _codec(decode_key: Any, shape: Any, schema: schemas.Schema) -> Codec[Any, Any]:
    return Codec(
        cells.encode,
        decode_key,
        cells.encode,
        cells.decoder(shape, schema),
        lambda cell: cell.offset,
        schemas.stored_offset(schema),
    )


LIVE: Codec[tuple[str, int], LiveCell] = _codec(_name_and_start, LiveCell, schemas.LIVE_CELL)
INTERVALS: Codec[tuple[str, int], IntervalCell] = _codec(_name_and_start, IntervalCell, schemas.INTERVAL_CELL)
TOTALS: Codec[str, TotalCell] = _codec(_name, TotalCell, schemas.TOTAL_CELL)
AGENTS: Codec[str, AgentCell] = _codec(_name, AgentCell, schemas.AGENT_CELL)
QUEUE_AGENTS: Codec[tuple[str, str], QueueAgent] = _codec(_pair_of_names, QueueAgent, schemas.QUEUE_AGENT)


def kept_for(retention_ms: int) -> Changelog:
    """A changelog of cells that are pruned without a tombstone: the broker's retention bounds it. Twice the time they
    are kept, since retention follows the wall clock and pruning the feed's."""
    return Changelog(cleanup_policy="compact,delete", retention_ms=2 * retention_ms + HOUR_MS)
