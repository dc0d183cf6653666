import subprocess
import sys

import pytest

from models.store import ModelStore
from tests.waiting import LONG_S

# In a process of its own: the first inference of a process is the one that can hang.
PROGRAM = """
import sys, threading
from pathlib import Path
import numpy as np
from models.roles import LoadOptions, load_detector
from models.store import ModelStore

detector = load_detector(
    "person-vehicle-bike-detection-2004",
    LoadOptions(store=ModelStore(Path(sys.argv[1])), threads=1),
)
start = threading.Barrier(3)

def first():
    start.wait()
    detector.detect(np.zeros((576, 256, 3), np.uint8))

threads = [threading.Thread(target=first) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("attempt", range(3))
def test_channels_that_start_together_do_not_hang(weights: ModelStore, attempt: int) -> None:
    command = [sys.executable, "-c", PROGRAM, str(weights.root)]

    subprocess.run(command, timeout=3 * LONG_S, check=True)
