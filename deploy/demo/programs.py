"""The programs a demo runs: the centre and the boxes, as anyone would start them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from deploy.demo.cast import Cast
from deploy.demo.scene import Camera, Scene
from deploy.demo.stages import process_cpu_s
from deploy.local.broker import Broker
from shared.errors import DependencyMissing, StorageError

_STOP_S = 20.0
_SHOWN_LOG_LINES = 15


class Show(NamedTuple):
    """What is shown, and by which models."""

    scene: Scene
    cast: Cast


@dataclass
class Program:
    """One running program, its log in a file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(
        cls, name: str, arguments: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> "Program":
        """Run `dongseon ARGUMENTS` in the background."""
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,  # Ctrl-C reaches the demo, which then stops them in order
            )
        return cls(name, process, log)

    @property
    def cpu_s(self) -> float:
        """CPU seconds used so far; 0 once it has ended (it then counts as an ended child)."""
        return process_cpu_s(self.process.pid) if self.process.poll() is None else 0.0

    def check(self) -> bool:
        """Whether it is still running.

        Raises:
            StorageError: it ended with an error; the message ends with its last log lines.
        """
        code = self.process.poll()
        if code:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            last = "\n".join(lines[-_SHOWN_LOG_LINES:])
            raise StorageError(f"{self.name} ended with code {code}; see {self.log}:\n{last}")
        return code is None

    def wait(self, seconds: float) -> None:
        """Wait for its end, `seconds` at most."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def stop(self) -> None:
        """Ask it to end, then insist."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def run_to_end(arguments: Sequence[str]) -> None:
    """Run `dongseon ARGUMENTS` in the foreground.

    Raises:
        DependencyMissing: it failed; it has said why itself.
    """
    if subprocess.run([sys.executable, "-m", "deploy", *arguments], check=False).returncode:
        raise DependencyMissing(f"`dongseon {' '.join(arguments)}` failed, see above")


def box_config(box: str, show: Show, starts_at: datetime, broker: Broker, home: Path) -> Path:
    """Write the configuration of `box` below `home` and return its path."""
    sections = [
        _section("[box]", {"name": box, "data_dir": str(home / box)}),
        _section("[uplink]", {"host": broker.host, "port": broker.port}),
        _section("[models]", {**show.cast.for_boxes, "threads": 1}),
        _section("[tracklet]", show.scene.tracklet.model_dump()),
        *(_channel(camera, starts_at) for camera in show.scene.boxes()[box]),
    ]
    path = home / f"{box}.toml"
    path.write_text("\n".join(sections), encoding="utf-8")
    return path


def _channel(camera: Camera, starts_at: datetime) -> str:
    known = camera.properties
    values: dict[str, object] = {
        "name": known.id,
        "camera": known.id,
        "source": str(known.video),
        "fps": 10,
        "starts_at": starts_at,
    }
    if known.crop is not None:
        values["crop"] = dict(zip(("left", "top", "right", "bottom"), known.crop, strict=True))
    return _section("[[channels]]", values)


def _section(head: str, values: Mapping[str, object]) -> str:
    return "\n".join([head, *(f"{key} = {_toml(value)}" for key, value in values.items())]) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)  # TOML takes JSON's strings, numbers, booleans
