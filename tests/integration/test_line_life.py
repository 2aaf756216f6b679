"""A running worker on the embedded broker."""

from tests.contracts.line_life import *  # noqa: F403 -- the checks of every broker
from tests.integration.test_line import make_line  # noqa: F401 -- the fixture
