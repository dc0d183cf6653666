"""Who may import whom, and what each side's installation holds."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

REPOSITORY = Path(__file__).resolve().parents[1]
LOCKS = sorted((REPOSITORY / "requirements").glob("*.txt"))
# Distributions only the centre has, as their names stand in a lock, and what they import as.
CENTRAL_ONLY = {
    "alembic": "alembic",
    "fastapi": "fastapi",
    "geoalchemy2": "geoalchemy2",
    "prometheus-client": "prometheus_client",
    "psycopg": "psycopg",
    "qdrant-client": "qdrant_client",
    "qdrant-edge-py": "qdrant_edge",
    "sqlalchemy": "sqlalchemy",
    "starlette": "starlette",
    "uvicorn": "uvicorn",
}


def distributions(lock: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_import_keeps_to_the_rules() -> None:
    config = str(REPOSITORY / "pyproject.toml")

    assert lint_imports(config_filename=config, no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_registry(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host", text)


def test_the_lock_of_the_console_names_no_registry() -> None:
    lock = REPOSITORY / "central/console/package-lock.json"
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]

    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or "integrity" in package, name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_everything_in_a_lock_is_pinned_by_hash(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pins = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))

    for pin in pins:
        assert "==" in pin.split("\n", 1)[0], pin[:80]
        assert "--hash=sha256:" in pin, pin[:80]


def test_the_locks_there_are_were_all_looked_at() -> None:
    names = {lock.stem for lock in LOCKS}

    assert names == {"bench", "build", "central", "demo", "dev", "edge", "node"}


def test_a_box_installs_nothing_of_the_centre() -> None:
    edge = distributions(REPOSITORY / "requirements/edge.txt")

    assert {"paho-mqtt", "openvino"} <= edge
    assert not edge & CENTRAL_ONLY.keys()
    assert distributions(REPOSITORY / "requirements/central.txt") >= CENTRAL_ONLY.keys()


def test_the_demo_and_the_tests_run_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        text = (REPOSITORY / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^[a-z0-9._-]+==\S+", text, re.MULTILINE))

    assert pins("demo.txt") <= pins("dev.txt") <= pins("bench.txt")


def test_a_box_loads_nothing_of_the_centre() -> None:
    forbidden = {"central", *CENTRAL_ONLY.values()}
    program = "import sys, edge_agent.cli; print(*sys.modules, sep='\\n')"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY
    ).stdout.split()

    assert "edge_agent.cli" in loaded
    assert not forbidden & {name.split(".", 1)[0] for name in loaded}


def test_listing_the_commands_loads_no_group() -> None:
    program = (
        "import sys; from deploy.cli import build; build(None); print(*sys.modules, sep='\\n')"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY
    ).stdout.split()

    groups = {"central", "edge_agent", "models"}
    assert not groups & {name.split(".", 1)[0] for name in loaded}
