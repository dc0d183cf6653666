"""The whole centre, as a process: serve, status, rebuild-index."""

from pathlib import Path

import numpy as np
import pytest

from central.settings import CentralSettings, load_settings
from deploy.local.stack import LocalStack
from shared.errors import ConfigError
from tests.central.box import TestBox
from tests.central.serving import Centre, environment, run_central, running_centre
from tests.factories import crop_of, make_sighting
from tests.waiting import wait_until


def indexed(centre: Centre) -> int:
    figures = centre.get("/health/ready").json()["parts"]["index"]["figures"]
    return int(figures["indexed"])


def test_the_centre_serves_ingests_indexes_and_ends_in_good_order(
    stack: LocalStack, central_database_url: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    settings = environment(central_database_url, stack.broker, tmp_path)
    with running_centre(settings) as centre, TestBox(stack.broker) as box:
        sightings = [make_sighting(rng) for _ in range(40)]
        for seq, sighting in enumerate(sightings, start=1):
            box.send(sighting, seq)
        assert box.wait_for(range(1, 41))
        assert box.refused == {}
        # Boxes are answered first, and rows counted then.
        committed = 'dongseon_ingest_committed_total{lane="sighting"} 40.0'
        wait_until(lambda: committed in centre.get("/metrics").text)
        assert "dongseon_ingest_broker_connected 1.0" in centre.get("/metrics").text
        crop = centre.get(f"/api/v1/sightings/{sightings[0].id}/crop")
        assert crop.content == crop_of(sightings[0]).data
        in_use = run_central(settings, "rebuild-index")
        assert in_use.returncode == 1
        assert "in use by another process" in " ".join(in_use.stderr.split())
        wait_until(lambda: indexed(centre) == 40)
        assert centre.stop() == 0
    status = run_central(settings, "status")
    assert status.returncode == 0, status.stderr
    figures = {line[:28].strip(): line[28:].strip() for line in status.stdout.splitlines()}
    assert figures["sightings"] == "40"
    assert figures["not in the newest index yet"] == "0"
    rebuilt = run_central(settings, "rebuild-index")
    assert rebuilt.returncode == 0, rebuilt.stderr
    said = " ".join(rebuilt.stdout.split())
    assert "40 sightings indexed, 40 points" in said
    assert "5 searches compared with an exact scan of 40 sightings: recall@20 1.0000" in said
    unchecked = run_central(settings, "rebuild-index", "--check", "0")
    assert unchecked.returncode == 0, unchecked.stderr
    assert "compared" not in unchecked.stdout


def test_the_api_alone_is_told_of_the_watch_list_all_the_same(
    stack: LocalStack, central_database_url: str, tmp_path: Path
) -> None:
    settings = environment(central_database_url, stack.broker, tmp_path)
    with running_centre(settings | {"DONGSEON_CENTRAL_SERVE_PARTS": "[]"}) as centre:
        assert set(centre.get("/health/ready").json()["parts"]) == {"database", "watch events"}


def test_serving_an_unmigrated_database_says_what_to_do(
    stack: LocalStack, database_url: str, tmp_path: Path
) -> None:
    settings = environment(database_url, stack.broker, tmp_path)
    refused = run_central(settings, "serve")
    assert refused.returncode == 1
    assert "dongseon central migrate" in " ".join(refused.stderr.split())
    assert run_central(settings, "migrate").returncode == 0
    assert "sightings" in run_central(settings, "status").stdout


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "centre.example"])  # noqa: S104
def test_listening_for_other_machines_is_refused_while_there_are_no_accounts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
) -> None:
    monkeypatch.setenv("DONGSEON_CENTRAL_DATABASE_URL", "postgresql://nobody@localhost/none")
    monkeypatch.setenv("DONGSEON_CENTRAL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DONGSEON_CENTRAL_HTTP_HOST", host)
    with pytest.raises(ConfigError, match="no accounts"):
        load_settings()
    monkeypatch.setenv("DONGSEON_CENTRAL_ALLOW_PUBLIC_BIND", "true")
    assert load_settings().http_host == host


def test_a_missing_or_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DONGSEON_CENTRAL_DATABASE_URL", raising=False)
    monkeypatch.setenv("DONGSEON_CENTRAL_BROKER_PORT", "70000")
    with pytest.raises(ConfigError, match=r"database_url(.|\n)*broker_port"):
        load_settings()


def test_the_password_of_the_broker_is_not_printed(tmp_path: Path) -> None:
    word = "between-us"
    settings = CentralSettings(
        database_url="postgresql://x@localhost/y", data_dir=tmp_path, broker_password=word
    )
    assert word not in repr(settings)
