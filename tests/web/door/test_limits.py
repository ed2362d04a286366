"""The bounds of a process follow its settings and what the system allows."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from stepladder.access_keys.networks import site_of
from stepladder.web.door.limits import Limits

ASK = """
import resource, sys
soft, hard = int(sys.argv[1]), resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, int(sys.argv[2]) if sys.argv[2] != "-" else hard))
from stepladder.web.door.limits import Limits
print(Limits.of_process(pool=10, max_waiting=500).connections, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "files"), [("1024", "-", 2500, 2628), ("1024", "1024", 896, 1024)]
)
def test_connections_fit_into_the_files_that_may_be_open(
    soft: str, hard: str, connections: int, files: int
) -> None:
    """SEC-27: the process asks for what it needs, and holds no more than it gets, so that it can always accept."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < files:
        pytest.skip("this system allows fewer files than the test needs")
    done = subprocess.run([sys.executable, "-c", ASK, soft, hard], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(connections), str(files)]


@given(st.integers(2, 200))
def test_one_address_has_half_the_places_at_work(pool: int) -> None:
    """SEC-05."""
    limits = Limits.of_process(pool=pool, max_waiting=1)
    assert limits.at_work_per_address * 2 == limits.at_work >= 10 * pool


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_who_has_a_network_to_themselves_counts_as_one(address: str, site: str) -> None:
    """SEC-05: of IPv6 everybody has more addresses than there are callers."""
    assert site_of(address) == site
