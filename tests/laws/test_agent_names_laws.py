"""Agents' pseudonyms: the same for the same agent and key, and not to be computed without the key."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core.roster import Presence
from callpulse.stream.pseudonyms import AgentNames

Ids, Keys = st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40)


@given(Ids, Keys)
def test_a_pseudonym_is_of_one_shape_and_hangs_on_id_and_key_alone(agent: str, key: str) -> None:
    keyed = AgentNames(key=key)
    assert keyed.of(agent) == AgentNames(key=key).pseudonym(agent)
    assert keyed.of(agent).startswith("a-")
    assert len(keyed.of(agent)) == 10
    assert AgentNames(shown=True, key=key).of(agent) == agent
    person = Presence(agent, "ready", 5, "lunch")
    assert keyed.present([person]) == [person._replace(agent=keyed.of(agent))]


def test_who_knows_all_ids_finds_them_without_a_key_and_with_none_of_other_keys() -> None:
    ids = [str(number) for number in range(10_000)]
    plain = {f"a-{hashlib.sha256(each.encode()).hexdigest()[:8]}" for each in ids}
    assert {AgentNames().of(each) for each in ids} == plain  # as it has been since the first version
    for key in ("one", "other"):
        assert len({AgentNames(key=key).of(each) for each in ids} & plain) < 3  # by chance
