"""What is told of the network: over the API, and by the command."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from central.cli import app
from central.roads.times import renew
from tests.central.asking import Centre
from tests.central.roads.town import TOWN, at, bring, put_camera


def test_the_api_tells_the_network_and_how_cameras_stand_to_it(centre: Centre) -> None:
    without = centre.get("/roads")
    assert (without["network"], without["cameras"]) == (None, None)
    assert without["notes"] == ["no street network is imported: distances are straight lines"]
    bring(centre.engine)
    centre.camera("near", 127.0005, 0.0001)
    centre.camera("far", 127.010, 0.0)
    centre.camera("elsewhere", 0.0, 50.0)
    centre.camera("nowhere")
    renew(centre.engine, lambda *_: None)
    told = centre.get("/roads")
    network, cameras = told["network"], told["cameras"]
    assert (network["name"], network["edges"]) == ("town.osm", 11)
    assert network["bounds"] == {"west": 127, "south": -0.0005, "east": 127.021, "north": 0.001}
    assert network["walk"] == {"nodes": 9, "parts": 2, "largest": 7}
    assert (cameras["placed"], cameras["outside"]) == (3, 1)
    assert cameras["away"] == ["elsewhere", "far"]
    assert cameras["walk"]["near"] == 1
    assert cameras["walk"]["median_m"] == pytest.approx(11.1, abs=0.1)
    assert "1 cameras lie outside the network's bounds" in told["notes"]
    assert any("2 cameras have no street within 200 m" in note for note in told["notes"])
    assert any("2 of 9 nodes are cut off" in note for note in told["notes"])


def test_a_network_of_another_city_is_noticed(centre: Centre) -> None:
    bring(centre.engine)
    centre.camera("elsewhere", 0.001, 127 / 2)
    notes = centre.get("/roads")["notes"]
    assert any("swapped in one of the two" in note for note in notes)


@pytest.fixture
def command(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    url = engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DONGSEON_CENTRAL_DATABASE_URL", url)
    monkeypatch.setenv("DONGSEON_CENTRAL_DATA_DIR", str(tmp_path))
    return CliRunner()


def test_the_command_imports_shows_and_renews(command: CliRunner, engine: Engine) -> None:
    with engine.begin() as connection:
        put_camera(connection, "cam-1", at(0.5, 0))
    done = command.invoke(app, ["roads", "import", str(TOWN), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["cameras"]["walk"]["timed"] == 1
    shown = command.invoke(app, ["roads", "show"], catch_exceptions=False)
    assert re.search(r"connected, by car.*77\.8 % of 9 nodes", shown.stdout)
    assert command.invoke(app, ["roads", "times"], catch_exceptions=False).exit_code == 0
