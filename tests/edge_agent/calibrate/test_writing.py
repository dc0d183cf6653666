import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_agent.calibrate.proposal import Candidate, Choice, Timed
from edge_agent.calibrate.writing import BACKUP, write
from edge_agent.calibrated import CalibratedSettings, RoleFigures
from edge_agent.config import load_config
from edge_agent.model_settings import RoleName, RoleSettings
from shared.errors import ConfigError, StorageError

WRITTEN = """\
# The gate of the market.
[box]
name = "box-1"      # as on the lid
data_dir = "data"

[models]
# Fast enough for three.
detector = "a"      # the eye
runtime = "openvino"
# People.
[models.person_embedder]
name = "b"          # as the centre has it
precision = "FP16"
device = "CPU"

[uplink]
host = "127.0.0.1"  # the broker

[[channels]]
name = "gate"
camera = "gate"
source = "gate.mp4"
"""
LEAST = WRITTEN[: WRITTEN.index("[models]")] + WRITTEN[WRITTEN.index("[uplink]") :]


def choice(**names: str) -> Choice:
    def timed(role: RoleName, name: str) -> Timed:
        chosen = RoleSettings(name=name, runtime="onnxruntime", precision="INT8", threads=2)
        return Timed(Candidate(role, chosen), 1.0, 2.0, 3.0, 4)

    return tuple(timed(role, name) for role, name in names.items())  # type: ignore[arg-type]


def figures(load: float = 0.5) -> CalibratedSettings:
    return CalibratedSettings(
        at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        processor="Some CPU",
        cores=4,
        share=0.7,
        load=load,
        channels=1,
        fps=5.0,
        people=3.0,
        vehicles=2.0,
        decoding=0.1,
        roles={"detector": RoleFigures(model="c", cpu_ms=1, wall_ms=2, p90_ms=3, calls=4)},
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "box.toml"
    path.write_text(WRITTEN)
    path.chmod(0o640)
    return path


def test_the_set_and_its_figures_are_in_the_configuration(config: Path) -> None:
    write(config, choice(detector="c", person_embedder="d", vehicle_embedder="e"), figures())
    settings = load_config(config)
    chosen = RoleSettings(
        name="c", runtime="onnxruntime", precision="INT8", device="CPU", threads=2
    )
    roles = settings.models.roles
    assert roles["detector"] == chosen
    assert roles["person_embedder"] == chosen.model_copy(update={"name": "d"})
    assert roles["two_wheeler_embedder"] == roles["vehicle_embedder"]
    assert settings.calibrated == figures()


def test_all_else_stays_as_it_was_comments_too(config: Path) -> None:
    write(config, choice(detector="c", person_embedder="d"), figures())
    written = config.read_text()
    for line in WRITTEN.splitlines():
        if not line.startswith(("detector", 'name = "b"', "precision")):
            assert line in written.splitlines()
    for comment in ("# the eye", "# as the centre has it"):
        assert comment in written
    before, after = tomllib.loads(WRITTEN), tomllib.loads(written)
    for table in ("box", "uplink", "channels"):
        assert after[table] == before[table]
    assert after["models"]["runtime"] == "openvino"


def test_writing_again_changes_the_figures_and_adds_nothing(config: Path) -> None:
    write(config, choice(detector="c"), figures())
    once = config.read_text()
    write(config, choice(detector="c"), figures(0.6))
    assert config.read_text() == once.replace("load = 0.5", "load = 0.6")


def test_a_file_without_models_gets_the_table(config: Path) -> None:
    config.write_text(LEAST)
    write(config, choice(detector="c"), figures())
    assert load_config(config).models.roles["detector"].name == "c"


def test_the_file_as_it_was_is_kept_and_neither_can_be_read_by_more_people(config: Path) -> None:
    kept = write(config, choice(detector="c"), figures())
    assert kept == config.with_name(f"box.toml{BACKUP}")
    assert kept.read_text() == WRITTEN
    assert {stat.S_IMODE(path.stat().st_mode) for path in (config, kept)} == {0o640}
    assert sorted(config.parent.iterdir()) == [config, kept]


def test_a_link_stays_a_link(config: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(config)
    write(link, choice(detector="c"), figures())
    assert link.is_symlink()
    assert load_config(config).models.roles["detector"].name == "c"


def test_what_would_be_no_configuration_is_not_written(config: Path) -> None:
    config.write_text(WRITTEN.replace('host = "127.0.0.1"', "port = 1"))
    before = config.read_text()
    with pytest.raises(ConfigError, match=r"/box\.toml: \[uplink.host\] Field required"):
        write(config, choice(detector="c"), figures())
    assert config.read_text() == before


def test_a_file_that_is_gone_or_no_toml_is_our_error(config: Path) -> None:
    config.write_text("[models")
    with pytest.raises(ConfigError, match=r"box\.toml: cannot be read"):
        write(config, choice(detector="c"), figures())
    config.unlink()
    with pytest.raises(ConfigError, match=r"box\.toml: cannot be read"):
        write(config, choice(detector="c"), figures())


def test_a_folder_that_takes_no_file_is_our_error(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write(config, choice(detector="c"), figures())
    assert config.read_text() == WRITTEN
