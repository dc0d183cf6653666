"""The demo, stage after stage."""

import fcntl
import json
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import SystemRandom
from typing import Any, Self

from rich.console import Console

from deploy.demo.centre import Centre
from deploy.demo.contact_sheet import ContactSheet
from deploy.demo.follow import Crossing, Place, find_crossing
from deploy.demo.overview import draw_overview
from deploy.demo.programs import Program, Show, box_config, run_to_end
from deploy.demo.stages import Stages
from deploy.demo.summary import Outcome, summary
from deploy.demo.watch import wait_for_boxes, wait_for_index, wait_until
from deploy.local.ports import free_ports
from deploy.local.stack import LocalStack
from shared.errors import ConfigError

_START_S = 60.0
_DATABASE = "demo"
# Own clips may be long; they end before now if they began this long ago.
_BEGAN_AGO = timedelta(hours=1)
# Where they can be is asked for this long after the route's end.
_GONE_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Options:
    """What to run and where to write. `home` holds state, `out` the results."""

    show: Show
    home: Path
    out: Path
    http_port: int | None = None


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Make `home` and hold it.

    Raises:
        ConfigError: another demo is running there.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(
                f"a demo is already running in {home}; end it, or give this one its own --home"
            ) from error
        yield


@dataclass
class Demo:
    """One run; a context manager that ends everything it started."""

    options: Options
    console: Console
    _started: ExitStack = field(default_factory=ExitStack)
    _programs: list[Program] = field(default_factory=list)
    _env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stages = Stages(self._cpu_s, lambda line: self.console.print(f"[bold]{line}[/]"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()

    def run(self) -> tuple[Outcome, Centre]:
        """Everything from an empty machine to a stored route; the centre stays up."""
        self.options.out.mkdir(parents=True, exist_ok=True)
        with self.stages("models", "Fetching and checking the models"):
            run_to_end(["models", "pull", *self.options.show.cast.names])
        with self.stages("stack", "Starting a private broker and database"):
            stack = self._started.enter_context(LocalStack(self.options.home / "stack"))
        with self.stages("centre", "Starting the centre"):
            centre, program = self._start_centre(stack)
            centre.import_cameras(self.options.show.scene.geojson())
        if self.options.show.scene.streets is not None:
            with self.stages("streets", "Importing the streets around"):
                self._import_streets(self.options.show.scene.streets)
        starts_at = (datetime.now(UTC) - _BEGAN_AGO).replace(second=0, microsecond=0)
        with self.stages("boxes", "The boxes watch their cameras"):
            statuses = self._run_boxes(stack, starts_at)
        with self.stages("index", "Waiting until everything can be searched"):
            wait_for_index(centre, program)
        with self.stages("search", "Looking for a person who crosses"):
            sightings = list(centre.sightings())
            crossing = find_crossing(
                sightings, self.places, centre.search, self.options.show.cast.same_person
            )
        with self.stages("route", "Building the route"):
            route = _store_route(centre, crossing)
        with self.stages("next", "Asking where they can be next"):
            onward = _ask_next(centre, route)
        outcome = Outcome(
            self.options.show,
            starts_at,
            statuses,
            sightings,
            crossing,
            route,
            onward,
            self.stages.laps,
        )
        return outcome, centre

    @property
    def places(self) -> dict[str, Place]:
        """Longitude and latitude of each camera."""
        features = self.options.show.scene.features
        return {camera.properties.id: camera.geometry.coordinates for camera in features}

    def _start_centre(self, stack: LocalStack) -> tuple[Centre, Program]:
        port = self.options.http_port or next(free_ports(SystemRandom()))
        stack.database.drop(_DATABASE)
        self._env = env = {
            "DONGSEON_CENTRAL_DATABASE_URL": stack.database.create(_DATABASE),
            "DONGSEON_CENTRAL_BROKER_HOST": stack.broker.host,
            "DONGSEON_CENTRAL_BROKER_PORT": str(stack.broker.port),
            "DONGSEON_CENTRAL_HTTP_PORT": str(port),
            "DONGSEON_CENTRAL_DATA_DIR": str(self._fresh("centre")),
            **self.options.show.cast.for_centre,
        }
        self._finish("centre: migrate", ["central", "migrate"])
        program = self._start("centre", ["central", "serve"], env)
        centre = Centre(f"http://127.0.0.1:{port}")
        self._started.callback(centre.close)
        wait_until(centre.is_ready, [program], "the centre is ready", _START_S)
        return centre, program

    def _import_streets(self, streets: Path) -> None:
        """By the command, as anyone would, while the centre runs."""
        self._finish("centre: streets", ["central", "roads", "import", str(streets)])

    def _finish(self, name: str, arguments: list[str]) -> None:
        """Run a command of the centre to its end."""
        program = self._start(name, arguments, self._env)
        while program.check():
            program.wait(_START_S)

    def _run_boxes(self, stack: LocalStack, starts_at: datetime) -> dict[str, Any]:
        home = self.options.home
        boxes = {}
        for box in self.options.show.scene.boxes():
            self._fresh(box)
            config = box_config(box, self.options.show, starts_at, stack.broker, home)
            arguments = ["edge", "run", "--config", str(config), "--exit-when-done"]
            boxes[box] = self._start(box, arguments)
        return wait_for_boxes(boxes, home, self.console)

    def _start(self, name: str, arguments: list[str], env: dict[str, str] | None = None) -> Program:
        log = self.options.home / f"{name.replace(': ', '-')}.log"
        program = Program.start(name, arguments, log, env)
        self._programs.append(program)
        self._started.callback(program.stop)
        return program

    def _fresh(self, name: str) -> Path:
        folder = self.options.home / name
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        return folder

    def _cpu_s(self) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        running = sum(program.cpu_s for program in self._programs)
        return time.process_time() + ended.ru_utime + ended.ru_stime + running


def write_results(outcome: Outcome, centre: Centre, places: dict[str, Place], out: Path) -> None:
    """Write `summary.json`, `sightings.png`, and with a route its GeoJSON and contact sheet."""
    (out / "summary.json").write_text(json.dumps(summary(outcome), indent=1), encoding="utf-8")
    draw_overview(outcome, centre.crop).save(out / "sightings.png")
    if outcome.route is not None:
        route = json.dumps(outcome.route["geojson"], indent=1)
        (out / "route.geojson").write_text(route, encoding="utf-8")
        ContactSheet(outcome, places, centre.crop).draw().save(out / "contact-sheet.png")


def _store_route(centre: Centre, crossing: Crossing | None) -> dict[str, Any] | None:
    if crossing is None:
        return None
    return centre.route("demo", [stop.id for stop in crossing.stops], crossing.searched)


def _ask_next(centre: Centre, route: dict[str, Any] | None) -> dict[str, Any] | None:
    if route is None:
        return None
    # The centre's times: a box's own clock may be behind them.
    left = max(datetime.fromisoformat(stop["left"]) for stop in route["stops"])
    return centre.next(route["id"], left + _GONE_FOR)
