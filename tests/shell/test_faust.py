"""An upgrade of Faust, mode or aiokafka that changes what we replace or rely on is noticed before it runs."""

import importlib.metadata
import pkgutil

import pytest

import callpulse.stream.transport
from tests.shell.relied_on import LISTED, fingerprint, overridden

PARTS = {part["theirs"]: part for part in LISTED["part"]}
OURS = [
    *(f"callpulse.stream.transport.{each.name}" for each in pkgutil.iter_modules(callpulse.stream.transport.__path__)),
    "callpulse.stream.app",
    "callpulse.stream.tables",
]


@pytest.mark.parametrize("package", LISTED["checked"])
def test_the_version_is_the_one_that_was_read(package: str) -> None:
    found, read = importlib.metadata.version(package), LISTED["checked"][package]
    assert found == read, (
        f"{package} {found}: read docs/FAUST.md against it, run make test-kafka, set it in docs/faust.toml"
    )


@pytest.mark.parametrize("theirs", PARTS)
def test_what_we_rely_on_is_as_it_was_when_we_read_it(theirs: str) -> None:
    try:
        found = fingerprint(theirs)
    except (AttributeError, ImportError) as gone:
        found = f"gone: {gone}"
    part = PARTS[theirs]
    assert found == part["fingerprint"], (
        f"{theirs} has changed. It is {part['how']} by {part['ours']}: {part['because']}. Read both again, mend ours,"
        f' then write fingerprint = "{found}" in docs/faust.toml'
    )


@pytest.mark.parametrize("module", OURS)
def test_whatever_is_overridden_is_listed_with_its_reason(module: str) -> None:
    unlisted = overridden(module) - PARTS.keys()
    assert not unlisted, f"{module} overrides {sorted(unlisted)}: say why in docs/faust.toml"


def test_nothing_is_listed_as_overridden_that_is_not() -> None:
    listed = {theirs for theirs, part in PARTS.items() if part["how"] != "relied on"}
    assert listed == set().union(*map(overridden, OURS))
