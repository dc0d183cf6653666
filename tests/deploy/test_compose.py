"""The compose file is valid and keeps to the rules. No container engine runs it here."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from central.settings import CentralSettings
from deploy.clips import SHA256
from edge_agent.config import load_config
from models.attributes.colour_reader import COLOUR_READERS
from models.catalogue import load_catalogue

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE = REPOSITORY / "deploy/compose"
DOCKERFILES = ["edge.Dockerfile", "central.Dockerfile"]
SERVICES: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))["services"]


def instructions(dockerfile: str) -> list[list[str]]:
    text = (COMPOSE / dockerfile).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return [words for words in lines if words]


def test_the_file_is_what_the_compose_specification_says() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(
        [str(program), "--builtin-schema", "vendor.compose-spec", str(COMPOSE / "compose.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


def test_the_whole_path_is_there() -> None:
    assert set(SERVICES) == {
        "broker",
        "database",
        "vectors",
        "migrate",
        "central",
        "edge",
    }


def test_only_the_page_is_published_and_only_to_this_machine() -> None:
    published = {name: service.get("ports", []) for name, service in SERVICES.items()}

    assert {name: ports for name, ports in published.items() if ports} == {
        "central": ["127.0.0.1:8480:8480"]
    }


def test_a_service_waits_for_what_exists_and_can_be_waited_for() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            other = SERVICES[name]
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in other
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert "restart" not in other


def test_an_image_is_built_here_or_has_an_exact_tag() -> None:
    for service in SERVICES.values():
        if "build" not in service:
            assert re.search(r":v?\d+(\.\d+)*\S*$", service["image"])
        else:
            assert (REPOSITORY / service["build"]["dockerfile"]).is_file()


def test_our_own_containers_can_write_to_their_volumes_only() -> None:
    for service in SERVICES.values():
        if "build" in service:
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_centre_is_told_nothing_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DONGSEON_CENTRAL_")]:
        monkeypatch.delenv(name)
    for name, value in SERVICES["central"]["environment"].items():
        assert name.removeprefix("DONGSEON_CENTRAL_").lower() in CentralSettings.model_fields
        monkeypatch.setenv(name, value)

    settings = CentralSettings()

    assert settings.http_port == 8480
    assert settings.index == "server"


def test_the_box_is_configured_as_the_agent_reads_it() -> None:
    settings = load_config(COMPOSE / "box.toml")

    assert [channel.camera for channel in settings.channels] == [
        "demo-west",
        "demo-middle",
        "demo-east",
    ]
    needed = {role.name for role in settings.models.roles.values()} - set(COLOUR_READERS)
    assert all(load_catalogue().entry(name).shipped for name in needed)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_installs_from_hashes_and_does_not_run_as_root(name: str) -> None:
    steps = instructions(name)

    for step in (" ".join(words) for words in steps):
        for install in re.findall(r"pip install [^&]*", step):
            assert "--require-hashes --only-binary :all:" in install or "--no-deps" in install
    assert ["USER", "dongseon"] in steps
    assert any(words[0] == "HEALTHCHECK" for words in steps)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_is_built_from_files_that_are_there(name: str) -> None:
    for words in instructions(name):
        if words[0] == "COPY" and not words[1].startswith("--from"):
            for source in words[1:-1]:
                assert (REPOSITORY / source).exists(), source


def test_the_edge_image_holds_no_code_of_the_centre() -> None:
    copied = [words for words in instructions("edge.Dockerfile") if words[0] == "COPY"]

    assert not [words for words in copied if "central" in " ".join(words)]


def test_the_image_checks_the_same_clip_as_the_program() -> None:
    assert SHA256 in (COMPOSE / "edge.Dockerfile").read_text(encoding="utf-8")
