import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from PIL import ImageChops
from rich.console import Console

from deploy.demo.cast import CASTS, CastName
from deploy.demo.centre import Sighting
from deploy.demo.contact_sheet import WIDTH, ContactSheet, below
from deploy.demo.follow import Crossing
from deploy.demo.overview import draw_overview
from deploy.demo.printing import print_results
from deploy.demo.programs import Show
from deploy.demo.scene import vtest_scene
from deploy.demo.summary import Outcome, summary
from shared.pictures import encode_webp
from tests.demo.test_follow import START, ranked, seen

PLACES = {
    "demo-west": (126.95618, 37.54846),
    "demo-middle": (126.95631, 37.54842),
    "demo-east": (126.95644, 37.54839),
}


def an_outcome(crossing: Crossing | None) -> Outcome:
    stops = crossing.stops if crossing else []
    leg = {"type": "OBSERVED", "distance_m": 12.0, "duration_s": 0.5, "speed_m_s": 1.3}
    between = {"from": 1, "to": 2, "reason": "views meet"}
    legs = [leg | between for _ in stops[1:]]
    channel = {"name": "demo-west", "frames": 795}
    uplink = {"published": 2, "acked": 2, "bytes_published": 4100}
    box = {"channels": [channel], "outbox": {"rows": 0}, "uplink": uplink} | {
        "cpu_s": 3.0,
        "stage_s": {"detect": 1.0},
    }
    return Outcome(
        show=Show(vtest_scene(Path("vtest.avi")), CASTS[CastName.PUBLIC]),
        starts_at=START,
        boxes={"box-a": box},
        sightings=stops,
        crossing=crossing,
        route={"id": "x", "legs": legs, "stops": [], "geojson": {}} if crossing else None,
        next=None,
        laps={},
    )


@pytest.fixture
def crossing() -> Crossing:
    query, other = seen(1, "demo-east", 1, 8), seen(2, "demo-middle", 9, 18)
    candidates = ranked(
        (0.9, other), *((0.5, seen(i, "demo-west", i, i + 2)) for i in range(3, 20))
    )
    return Crossing(query, candidates, candidates[:1])


def test_the_sheet_shows_the_pictures_and_the_route(crossing: Crossing) -> None:
    red = encode_webp(np.full((200, 90, 3), (0, 0, 255), np.uint8))
    blue = encode_webp(np.full((200, 90, 3), (255, 0, 0), np.uint8))

    def sheet(crop: bytes) -> ContactSheet:
        return ContactSheet(an_outcome(crossing), PLACES, lambda _: crop)

    page = sheet(red).draw()
    assert page.width == WIDTH
    # Only the pictures differ between the two pages, so the difference is where pictures stand.
    assert ImageChops.difference(page, sheet(blue).draw()).getbbox() is not None


def test_people_are_shown_bands_and_reach_and_never_a_cosine(crossing: Crossing) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    print_results(an_outcome(crossing), console)
    printed = console.export_text()
    sheet = [line for each in crossing.candidates for line in below(each)]
    assert "4 to 11 min on foot" in printed
    assert "4 to 11 min on foot" in " ".join(sheet)
    for shown in (printed, "\n".join(sheet)):
        assert "likely" in shown
        assert "score" not in shown
        # Seconds have one decimal, a cosine has more, or is 0.9.
        assert not re.search(r"\b0\.9|\b0\.5\d|\d\.\d\d", shown)


def test_the_overview_shows_each_sighting_once(crossing: Crossing) -> None:
    asked: list[UUID] = []

    def crop(sighting: Sighting) -> bytes:
        asked.append(sighting.id)
        return encode_webp(np.full((200, 90, 3), 200, np.uint8))

    page = draw_overview(an_outcome(crossing), crop)

    assert page.width == WIDTH
    assert sorted(asked) == sorted(stop.id for stop in crossing.stops)


def test_the_summary_gives_times_in_seconds_of_the_clip(crossing: Crossing) -> None:
    written = summary(an_outcome(crossing))

    first = written["sightings"][0]
    assert (first["first_s"], first["last_s"], first["shot_s"]) == (1.0, 8.0, 4.5)
    assert first["box"] == [0, 0, 10, 20]
    assert written["bytes_published"] == 4100
    assert [found["rank"] for found in written["candidates"]][:3] == [1, 2, 3]
    assert written["query"]["id"] == str(UUID(int=1))


def test_without_a_crossing_the_summary_says_so() -> None:
    written = summary(an_outcome(None))

    assert (written["query"], written["candidates"], written["route"]) == (None, [], None)


def test_times_are_counted_from_the_first_frame() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=79_400)

    assert an_outcome(None).seconds(moment) == 79.4
