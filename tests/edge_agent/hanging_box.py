"""A box whose network hangs, for a test to watch: `python -m tests.edge_agent.hanging_box`.

Arguments: data folder, port of the broker, a clip, and how it hangs: `free` as native code that
let go of the interpreter's lock, `locked` as native code that holds it, or `never`. It hangs at
the tenth frame. Each frame looked at is noted with its monotonic time on standard output.
"""

import ctypes
import random
import sys
import time
from threading import Event

from edge_agent.agent import Agent
from edge_agent.config import EdgeSettings
from edge_agent.heart import ProcessHeart
from edge_agent.loading import BoxModels
from models.detection import Detection
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.logs import configure_logs
from shared.pictures import Picture
from tests.edge_agent.link.test_agent import OneWalker, Same

_HANGS_AT = 10
_LONG_S = 600


class Hanging(OneWalker):
    """Sees a walker, until it hangs as `how` says."""

    def __init__(self, how: str) -> None:
        self._how = how
        self._frames = 0

    def detect(self, picture: Picture) -> list[Detection]:
        self._frames += 1
        sys.stdout.write(f"{time.monotonic():.3f}\n")
        sys.stdout.flush()
        if self._frames == _HANGS_AT:
            self._hang()
        return super().detect(picture)

    def _hang(self) -> None:
        if self._how == "free":
            ctypes.CDLL(None).sleep(_LONG_S)
        elif self._how == "locked":
            ctypes.PyDLL(None).sleep(_LONG_S)


def main() -> None:
    """Run the box until it ends."""
    data, port, clip, how = sys.argv[1:]
    settings = EdgeSettings.model_validate(
        {
            "box": {"name": "hanging", "data_dir": data},
            "uplink": {"host": "127.0.0.1", "port": int(port)},
            "channels": [
                {"name": "gate", "camera": "cam-1", "source": clip, "loop": True, "realtime": True}
            ],
        }
    )
    models = BoxModels(Hanging(how), {ObjectClass.PERSON: Same()})
    agent = Agent(settings, models, SystemClock(), random.Random(1))  # noqa: S311 - no secret
    agent.run(Event(), when_done=False, show=lambda _: None, heart=ProcessHeart())


if __name__ == "__main__":
    configure_logs(json=True)
    main()
