"""The central API as the console sees it, answering from canned data with the real types."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, pairwise
from pathlib import Path
from threading import Thread
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Form, HTTPException, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from central.api.guards import SafeHeaders
from central.api.routers.sightings import SightingQuery
from central.asking.parsed import ParsedQuestion, Question
from central.asking.text.parse import parse
from central.cameras.model import Camera
from central.cameras.selection import CameraScope
from central.routes.model import Route, RouteRequest, Stop, seconds
from central.routes.next.model import NextAnswer, NextOfSighting, NextRequest
from central.routes.suggest.model import SuggestAnswer, SuggestRequest
from central.routes.verdicts import LegType
from central.search.bands import Band
from central.search.model import (
    Candidate,
    Minutes,
    ReachAnswer,
    SearchOptions,
    SearchRequest,
)
from central.sightings.attributes import Attributes, all_attributes, read_pairs
from central.sightings.model import Sighting
from shared.ids import uuid7
from tests.browser.canned import START, Canned, crop
from tests.browser.canned_routes import METRES_APART, drawn_links, leg, onward, suggested

PROBLEM = "application/problem+json"
_LIKELY = 3


class FakeCentre:
    """Canned data behind the console's part of the API.

    `failure` makes every search fail; `note` goes with every answer of one.
    """

    def __init__(self, canned: Canned, dist: Path) -> None:
        self.canned = canned
        self.failure: str | None = None
        self.note: str | None = None
        self.searches: list[SearchOptions] = []
        self.routes: dict[UUID, Route] = {}
        self.drawn: list[RouteRequest] = []
        # What the legs of a route are, in turn.
        self.leg_types = [LegType.UNOBSERVED, LegType.COVERAGE_GAP]
        self.asked_next: list[NextRequest] = []
        self.suggestions: list[SuggestRequest] = []
        self.url = ""
        self.app = FastAPI()
        self._add_reads()
        self._add_words()
        self._add_work()
        self._add_onward()
        self.app.add_exception_handler(HTTPException, _problem)
        self.app.add_middleware(SafeHeaders)
        self.app.mount("/", StaticFiles(directory=dist, html=True))

    def draw(self, sightings: list[Sighting], purpose: str | None = None) -> Route:
        """A stored route through `sightings`, straight from camera to camera."""
        ordered = sorted(sightings, key=lambda sighting: sighting.first_seen)
        stops = [self._stop(number, sighting) for number, sighting in enumerate(ordered, 1)]
        legs = [
            leg(a, b, kind)
            for (a, b), kind in zip(pairwise(stops), cycle(self.leg_types), strict=False)
        ]
        key = uuid7(1 + len(self.routes))
        self.routes[key] = Route(
            id=key,
            name=None,
            created_at=START,
            version=1,
            made_at=START,
            made_by="centre",
            purpose=purpose,
            searched=None,
            software="1",
            network=None,
            stops=stops,
            legs=legs,
            distance_m=sum(leg.distance_m or 0 for leg in legs),
            duration_s=seconds(stops[0].arrived, stops[-1].left),
            unplaced=[],
            geojson={"type": "FeatureCollection", "features": []},
        )
        return self.routes[key]

    def _stop(self, number: int, sighting: Sighting) -> Stop:
        camera = self.canned.cameras[sighting.camera]
        return Stop(
            number=number,
            sighting_id=sighting.id,
            camera=camera.id,
            camera_name=camera.name,
            position=camera.position,
            arrived=sighting.first_seen,
            shot=sighting.shot,
            left=sighting.last_seen,
            dwell_s=seconds(sighting.first_seen, sighting.last_seen),
            box=sighting.box,
            box_arrived=sighting.first_seen,
            box_left=sighting.last_seen,
            clock_offset_s=0,
            clock_s=5,
            object_class=sighting.object_class,
        )

    def _add_reads(self) -> None:
        @self.app.get("/api/v1/cameras")
        def cameras(limit: int = 100, cursor: int = 0) -> dict[str, Any]:
            every = list(self.canned.cameras.values())
            after = cursor + limit
            more = str(after) if after < len(every) else None
            return {"items": every[cursor:after], "next_cursor": more}

        @self.app.get("/api/v1/sightings")
        def sightings(asked: Annotated[SightingQuery, Query()]) -> dict[str, Any]:
            found = _said(self._in_cameras(asked.camera), read_pairs(asked.attribute))
            found.sort(key=lambda sighting: sighting.first_seen, reverse=True)
            return {"items": found, "next_cursor": None}

        @self.app.get("/api/v1/sightings/{key}")
        def sighting(key: UUID) -> Sighting:
            return self.canned.sightings[key]

        @self.app.get("/api/v1/sightings/{key}/crop")
        def picture(key: UUID) -> Response:
            return Response(crop(self.canned.person_of[key]), media_type="image/webp")

        @self.app.get("/api/v1/routes/{key}.geojson")
        def geojson(key: UUID) -> dict[str, Any]:
            return self.routes[key].geojson

        @self.app.get("/api/v1/routes/{key}")
        def route(key: UUID) -> Route:
            if key not in self.routes:
                raise HTTPException(404, f"no route {key}")
            return self.routes[key]

    def _add_words(self) -> None:
        @self.app.get("/api/v1/attributes")
        def attributes() -> Attributes:
            return all_attributes()

        @self.app.post("/api/v1/ask/parse")
        def parsed(question: Question) -> ParsedQuestion:
            assert question.zone is not None
            return parse(question.text, START, question.zone, lambda _: {})

    def _add_work(self) -> None:
        @self.app.post("/api/v1/cameras/select")
        def select(scope: CameraScope) -> dict[str, Any]:
            placed: list[Camera] = [c for c in self.canned.cameras.values() if c.position]
            wide = scope.radius is not None and scope.radius.metres > METRES_APART
            return {"ids": [camera.id for camera in placed] if wide else []}

        @self.app.post("/api/v1/search")
        def search(asked: SearchRequest) -> dict[str, Any]:
            return self._answer(asked, None if asked.by is None else asked.by.ids[0])

        @self.app.post("/api/v1/search/picture")
        def by_picture(file: UploadFile, request: Annotated[str, Form()]) -> dict[str, Any]:
            asked = SearchOptions.model_validate_json(request)
            return self._answer(asked, next(iter(self.canned.sightings)))

        @self.app.post("/api/v1/routes", status_code=201)
        def draw(asked: RouteRequest) -> Route:
            self.drawn.append(asked)
            stops = [self.canned.sightings[stop.sighting_id] for stop in asked.stops]
            return self.draw(stops, asked.purpose)

    def _add_onward(self) -> None:
        @self.app.post("/api/v1/routes/next")
        def next_of_sighting(asked: NextOfSighting) -> NextAnswer:
            self.asked_next.append(asked)
            return onward(self.canned, self.canned.sightings[asked.sighting_id], asked)

        @self.app.post("/api/v1/routes/{key}/next")
        def next_of_route(key: UUID, asked: NextRequest) -> NextAnswer:
            self.asked_next.append(asked)
            last = self.routes[key].stops[-1].sighting_id
            return onward(self.canned, self.canned.sightings[last], asked)

        @self.app.post("/api/v1/routes/suggest")
        def suggest(asked: SuggestRequest) -> SuggestAnswer:
            self.suggestions.append(asked)
            return suggested(self.canned, asked.search)

        @self.app.get("/api/v1/links.geojson")
        def links() -> dict[str, Any]:
            return drawn_links(self.canned)

    def _answer(self, asked: SearchOptions, like: UUID | None) -> dict[str, Any]:
        self.searches.append(asked)
        if self.failure is not None:
            raise HTTPException(503, self.failure)
        named = asked.cameras.ids if asked.cameras is not None else None
        found = _said(self._in_cameras(named), asked.attributes)
        if like is None:
            candidates = [_candidate(rank, each) for rank, each in enumerate(found, 1)]
        else:
            judged = {like, *asked.confirmed, *asked.rejected}
            others = [each for each in found if each.id not in judged]
            candidates = self._alike(others, like)
        return {"candidates": candidates, "note": self.note}

    def _alike(self, found: list[Sighting], like: UUID) -> list[Candidate]:
        person, stop = self.canned.person_of[like], self.canned.sightings[like]
        found.sort(key=lambda other: abs(self.canned.person_of[other.id] - person))
        return [
            _candidate(rank, each).model_copy(
                update={
                    "score": round(0.93 - 0.021 * rank, 3),
                    "band": Band.LIKELY if rank <= _LIKELY else Band.POSSIBLE,
                    "reach": _reach(stop, each),
                }
            )
            for rank, each in enumerate(found, 1)
        ]

    def _in_cameras(self, cameras: list[str] | None) -> list[Sighting]:
        every = self.canned.sightings.values()
        return [each for each in every if not cameras or each.camera in cameras]


def _said(sightings: list[Sighting], wanted: dict[str, list[str]]) -> list[Sighting]:
    return [
        sighting
        for sighting in sightings
        if all(sighting.attributes[name]["value"] in wanted[name] for name in wanted)
    ]


def _candidate(rank: int, sighting: Sighting) -> Candidate:
    return Candidate(rank=rank, score=None, band=None, reach=None, sighting=sighting)


def _reach(stop: Sighting, other: Sighting) -> ReachAnswer:
    same = stop.camera == other.camera
    return ReachAnswer(
        possible=True,
        sighting_id=stop.id,
        camera=stop.camera,
        distance_m=0 if same else METRES_APART,
        available_s=abs(seconds(stop.shot, other.shot)),
        on_foot=Minutes(least=0, most=1),
        by_car=Minutes(least=0, most=1),
        text="",
    )


@contextmanager
def serve(centre: FakeCentre) -> Iterator[FakeCentre]:
    """`centre` on a free loopback port while the block runs."""
    config = uvicorn.Config(centre.app, port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    # From here on connections wait in the queue until the thread below takes them.
    listening.listen()
    centre.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield centre
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


async def _problem(_: Request, error: Exception) -> JSONResponse:
    status, detail = (
        (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, str(error))
    )
    body = {"type": "about:blank", "title": "Error", "status": status, "detail": detail}
    return JSONResponse(body, status, media_type=PROBLEM)
