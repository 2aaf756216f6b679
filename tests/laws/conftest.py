"""Hypothesis profiles: "ci" (the default: the same examples every time) and "deep" (--hypothesis-profile=deep)."""

import pytest
from hypothesis import HealthCheck, settings

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.register_profile("ci", _PATIENT, max_examples=100, derandomize=True, database=None)
settings.register_profile("deep", _PATIENT, max_examples=5_000)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile(config.getoption("--hypothesis-profile", default=None) or "ci")
