"""What several tests of alerts begin with."""

import pytest

from tests.alert_site import LATE, Site, plan


@pytest.fixture
def site() -> Site:
    """It asks one rule, which wants a minute of trouble."""
    return Site(plan([LATE]))
