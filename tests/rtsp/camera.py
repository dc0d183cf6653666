"""A camera for tests: starts, stops, stalls and unplugs `tests/rtsp/server.py`."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.saying import Said
from tests.waiting import LONG_S

_PYTHON = "/usr/bin/python3"
_SERVER = Path(__file__).with_name("server.py")
_NEEDS = (
    "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0'); "
    "from gi.repository import Gst, GstRtspServer; Gst.init(None); "
    "assert Gst.ElementFactory.find('rtph264pay') and Gst.ElementFactory.find('appsrc')"
)


@dataclass(slots=True)
class Camera:
    """An RTSP camera at `address`:`port`; `plug` it in."""

    mounts: Mapping[str, Mapping[str, str]]
    port: int
    address: str = "127.0.0.1"
    _process: "subprocess.Popen[str] | None" = field(default=None, init=False)

    def url(self, path: str = "/cam", login: str = "", host: str = "") -> str:
        """Where a mount is; `login` is `user:password`."""
        return f"rtsp://{login}{'@' if login else ''}{host or self.address}:{self.port}{path}"

    def plug(self) -> None:
        """Start serving; returns when it serves."""
        settings = {"address": self.address, "port": self.port, "mounts": self.mounts}
        self._process = subprocess.Popen(
            [_PYTHON, str(_SERVER), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # The tests' own packages are not the system's.
            env={"PATH": os.environ["PATH"], "GST_DEBUG": "0"},
        )
        # The port, once it listens.
        Said(self._process.stdout).line()

    def unplug(self) -> None:
        """End it at once; its connections are reset."""
        if self._process is not None:
            self._process.kill()
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(LONG_S)
            self._process = None

    def stall(self) -> None:
        """Let it do nothing more, its connections open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def order(self, **faults: object) -> None:
        """Change what it does: see the server."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(faults) + "\n")
        self._process.stdin.flush()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


class Cameras:
    """Makes cameras, and unplugs those that are left."""

    def __init__(self) -> None:
        self._made: list[Camera] = []

    def camera(self, clip: Path, address: str = "127.0.0.1", **mount: str) -> Camera:
        """A camera with one mount, `/cam`, not plugged in yet."""
        return self.of({"/cam": {"clip": str(clip), **mount}}, free_port(address), address)

    def of(
        self, mounts: Mapping[str, Mapping[str, str]], port: int, address: str = "127.0.0.1"
    ) -> Camera:
        """A camera with these mounts."""
        camera = Camera(mounts, port, address)
        self._made.append(camera)
        return camera

    def close(self) -> None:
        """Unplug all."""
        for camera in self._made:
            camera.unplug()


@pytest.fixture(scope="session")
def rtsp_server() -> None:
    """Skip where GStreamer's RTSP server is not installed."""
    try:
        done = subprocess.run(
            [_PYTHON, "-c", _NEEDS], capture_output=True, text=True, timeout=LONG_S, check=False
        )
    except OSError as error:
        pytest.skip(f"no system Python: {error}")
    if done.returncode:
        pytest.skip(f"no GStreamer RTSP server: {done.stderr.strip().splitlines()[-1]}")


@pytest.fixture
def cameras(rtsp_server: None) -> Iterator[Cameras]:
    """Real RTSP cameras."""
    made = Cameras()
    yield made
    made.close()
