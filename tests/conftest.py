"""What every test shares: repeatable examples, and no touching of the real cluster while somebody else uses it."""

import os

import pytest
from hypothesis import settings

# the same examples on every machine; a failure prints the blob that repeats it
settings.register_profile("chaos", derandomize=True, database=None, deadline=None, print_blob=True)
settings.load_profile("chaos")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a test marked `real` that does not hold the cluster's lock: it may swap controllers under another run."""
    if item.get_closest_marker("real") and os.environ.get("REALCLUSTER_LOCK") != "alone":
        pytest.fail(
            "needs the real cluster alone: make test-real, or tests/real/cluster/cluster alone pytest", pytrace=False
        )
