"""A camera whose address changes under its name.

Modelled: the name in `source` gets another address, as after a new DHCP lease with DNS kept up; the
old address answers no more. What resolves names is glibc's own code with another list of hosts. A
camera that `source` names by its address alone cannot be found again by anyone.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from tests.faults.figures import FaultFigures
from tests.ports import free_port
from tests.rtsp.camera import Cameras
from tests.rtsp.clips import encode_units, street, write_units
from tests.waiting import wait_until

NAME = "gate-camera"


@pytest.fixture(scope="session")
def resolver() -> Path:
    """A library that takes names of hosts from a file."""
    found = sorted(Path("/usr/lib").glob("*/libnss_wrapper.so"))
    if not found:
        pytest.skip("no libnss-wrapper: install Debian's package of that name")
    return found[0]


class Told:
    """What the watching program has said."""

    def __init__(self, hosts: Path, resolver: Path, url: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.rtsp.named_camera", url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "LD_PRELOAD": str(resolver),
                "NSS_WRAPPER_HOSTS": str(hosts),
            },
        )
        self._reader = Thread(target=self._read)
        self._reader.start()

    def wait(self, frames: int, seconds: float = 30) -> None:
        """Until `frames` more have come."""
        enough = self.lines.count("frame") + frames
        wait_until(lambda: self.lines.count("frame") >= enough, seconds)

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)
        self._reader.join(10)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as out:
            self.lines.extend(line.strip() for line in out)


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    file = tmp_path / "hosts"
    file.write_text(f"127.0.0.2 {NAME}\n")
    return file


class Found(NamedTuple):
    """How long after its move a camera was watched again, and what was said meanwhile."""

    after_s: float
    lines: list[str]


@pytest.fixture
def found(cameras: Cameras, resolver: Path, hosts: Path, tmp_path: Path) -> Found:
    """A camera that moved and was found again."""
    clip = write_units(tmp_path / "street.units", encode_units(street(3)))
    mounts, port = {"/cam": {"clip": str(clip)}}, free_port("127.0.0.2")
    old, new = (cameras.of(mounts, port, address) for address in ("127.0.0.2", "127.0.0.3"))
    old.plug()
    told = Told(hosts, resolver, old.url(host=NAME))
    try:
        told.wait(5)
        # Silent, not closed: nobody tells the box that the address is another's now.
        old.stall()
        new.plug()
        hosts.write_text(f"127.0.0.3 {NAME}\n")
        moved = time.monotonic()
        told.wait(5, 60)
        after_s = time.monotonic() - moved
    finally:
        told.close()
    return Found(after_s, told.lines)


@pytest.mark.slow
def test_a_camera_is_found_again_at_its_new_address(found: Found) -> None:
    assert any("silent" in line for line in found.lines)


@pytest.mark.faults
def test_a_camera_is_found_again_at_its_new_address_in_time(
    found: Found, fault_figures: FaultFigures
) -> None:
    fault_figures.note(camera_moved_found_s=round(found.after_s, 1))
    assert found.after_s < 15
