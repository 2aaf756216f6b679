"""What PromQL says of a worker on the embedded broker."""

from tests.contracts.line_promql import *  # noqa: F403 -- the checks of every broker
from tests.integration.test_line import make_line  # noqa: F401 -- the fixture
from tests.prometheus import needs_prometheus

pytestmark = needs_prometheus
