"""Agents' names outside the worker: as they are where the site says so, a short pseudonym everywhere else."""

import hashlib
import hmac
from collections.abc import Sequence

from msgspec import Struct

from callpulse.settings import Settings
from callpulse.stream.core.roster import Presence


class AgentNames(Struct, frozen=True):
    """`shown`: as they are. `key`: of the pseudonyms; without one, who knows an id can compute its pseudonym."""

    shown: bool = False
    key: str = ""

    def of(self, agent: str) -> str:
        """The name that may leave."""
        return agent if self.shown else self.pseudonym(agent)

    def present(self, people: Sequence[Presence]) -> list[Presence]:
        """The same people, under the names that may leave."""
        return [each._replace(agent=self.of(each.agent)) for each in people]

    def pseudonym(self, agent: str) -> str:
        """The same agent always gets the same one, while the key is the same."""
        id_ = agent.encode()
        digest = hmac.digest(self.key.encode(), id_, "sha256") if self.key else hashlib.sha256(id_).digest()
        return f"a-{digest[:4].hex()}"


def names_of(settings: Settings) -> AgentNames:
    """Those of a site."""
    return AgentNames(settings.site.show_agents, settings.site.agent_key)
