"""Agents' names outside the worker: as they are where the site says so, a short pseudonym everywhere else."""

import hashlib
from collections.abc import Sequence

from callpulse.stream.core.roster import Presence


def named(present: Sequence[Presence], show_agents: bool) -> list[Presence]:
    """The same people, under the names that may leave."""
    return list(present) if show_agents else [each._replace(agent=pseudonym(each.agent)) for each in present]


def pseudonym(agent: str) -> str:
    """The same agent always gets the same one."""
    return "a-" + hashlib.sha256(agent.encode()).hexdigest()[:8]
