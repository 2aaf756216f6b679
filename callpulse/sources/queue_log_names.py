"""How a queue_log's queues, calls and agents are called outside it."""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.sources.names import AGENT_PATTERN, AgentNames, CustomerKey
from callpulse.sources.queue_log_fields import Refused
from callpulse.sources.queue_log_visits import Key
from callpulse.stream.core.events import MAX_NAME

_NOBODY = frozenset({"", "NONE", "REALTIME", "MANAGER"})
_REMEMBERED = 10_000


class QueueLogOptions(Struct, frozen=True):
    """How one log is read. `prefix` goes before queue ids where two systems use the same names.
    `customer_key`: the secret of the customers' hashes; without it no customer is passed on.
    `agent_pattern`, `agent_ids`: see AgentNames.

    `members_stay`: at QUEUESTART, dynamic members stay signed in, with their pauses. So do Asterisk's
    sample configuration and FreePBX (`persistentmembers=yes`), which write no ADDMEMBER when they read them
    back; static members stay anyway. Where members do not persist, say False, or they seem ready until each
    is added again.
    """

    prefix: str = ""
    customer_key: CustomerKey | None = None
    channel: str = ""
    site: str = ""
    agent_pattern: str = AGENT_PATTERN
    agent_ids: Mapping[str, str] = {}
    members_stay: bool = True


class QueueNames(dict[str, str]):
    """`names[field]`: the queue's id. Raises Refused where a line needs a queue and names none."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def __missing__(self, name: str) -> str:
        queue = self._prefix + name
        if name in ("", "NONE") or len(queue) > MAX_NAME:
            raise Refused(2, f"no queue; expected a name of at most {MAX_NAME} characters")
        if len(self) >= _REMEMBERED:
            self.clear()
        self[name] = queue
        return queue


class LogNames:
    """Ids from fields. `queues` and `agents` answer by spelling; the methods refuse a line that lacks one."""

    def __init__(self, options: QueueLogOptions) -> None:
        self.queues = QueueNames(options.prefix)
        self.agents = AgentNames(options.agent_pattern, options.agent_ids, options.customer_key)

    def key(self, fields: list[str]) -> Key:
        """Queue and call id: what a line about a visit must have."""
        call_id = fields[1]
        if call_id in _NOBODY or len(call_id) > MAX_NAME:
            raise Refused(1, f"no call id; expected one of at most {MAX_NAME} characters")
        return self.queues[fields[2]], call_id

    def somebody(self, fields: list[str]) -> str | None:
        """The agent of a line that is about an agent; None for one who may not be named."""
        if fields[3] in _NOBODY:
            raise Refused(3, "empty; expected an agent")
        return self.agents[fields[3]]
