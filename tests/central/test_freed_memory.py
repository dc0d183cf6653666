"""Freed memory is kept for the next array."""

import platform
import subprocess
import sys

import pytest

_ASKS = """
import resource
import numpy as np
from central.freed_memory import keep_freed_memory
{told}
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    arrays = [np.ones(160_000) for _ in range(20)]
    del arrays
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(told: str) -> int:
    command = [sys.executable, "-c", _ASKS.format(told=told)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_arrays_are_not_mapped_anew_each_time() -> None:
    # Twenty times twenty arrays of 1.28 MB, 313 pages each.
    # With huge pages for everybody there is little to be saved.
    assert _faults("assert keep_freed_memory()") < max(2 * 20 * 313, _faults(""))
