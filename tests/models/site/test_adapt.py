"""The whole of adapting, with a tiny network and drawn people, in seconds."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="adapting needs dongseon[train]")

import torch
from typer.testing import CliRunner

from models.catalogue import Catalogue, Entry, WeightFile
from models.cli import app
from models.detection import Detection
from models.errors import ModelError
from models.evaluation.detection import DetectionFigures
from models.roles import LoadOptions, load_detector
from models.site import teaching
from models.site.adapt import REPORT, Outcome, adapt
from models.site.cli import NOT_BETTER
from models.site.deploy import export_adapted
from models.site.frames import read_frames
from models.site.teaching import LabelFile, Teachers, scenes_of, teach
from models.site.verdict import Change, Verdict
from models.site.weights import load_network, mixed
from models.site.wish import Wish
from models.store import LOCAL, ModelStore
from models.train.common.cards import read_card, read_entry, write_entry
from models.train.common.export import fold
from models.train.detector.judge import INPUT, OUTPUT
from models.train.detector.labels import Label
from models.train.detector.network import DetectorNetwork, Widths
from models.train.detector.pack import Scene, write_pack
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect
from shared.pictures import Picture
from tests.models.site.makers import roughness, textured

BASE = "tiny"
RED = (40, 40, 220)
TINY = Widths(trunk=(8, 16, 16, 16, 16), pyramid=16, narrow=8)


class RedTeacher:
    """Knows people by their red clothes, without fail."""

    calls = 0

    def describe(self) -> str:
        return "red@1 torch/CPU/f32"

    def detect(self, picture: Picture) -> list[Detection]:
        self.calls += 1
        red = (picture[:, :, 2] > 150) & (picture[:, :, 1] < 100)
        _, _, stats, _ = cv2.connectedComponentsWithStats(red.astype(np.uint8))
        return [
            Detection(Rect(x, y, x + width, y + height), ObjectClass.PERSON, 0.95)
            for x, y, width, height, area in stats[1:].tolist()
            if area > 60
        ]


def teachers() -> Teachers:
    return Teachers([[RedTeacher()]], ("red",))


def draw(folder: Path, pictures: int, seed: int = 0) -> None:
    """Pictures of red people on grey, 288 x 160."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for number in range(pictures):
        picture = np.full((160, 288, 3), 120, np.uint8)
        picture[:] = rng.integers(60, 140, (160, 1, 3))
        for place in range(3):
            left, top = place * 95 + int(rng.integers(0, 50)), int(rng.integers(0, 90))
            picture[top : top + 64, left : left + 28] = RED
        cv2.imwrite(str(folder / f"{number:03}.png"), picture)


def seeded(seed: int = 0) -> DetectorNetwork:
    torch.manual_seed(seed)
    return DetectorNetwork(3, TINY)


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained detector as it lies in a store."""
    unwritten = WeightFile(path="x", bytes=1, sha256="0" * 64)
    base = Entry(
        name="none",
        version="1",
        task="detection",
        shows="people",
        licence="Apache-2.0",
        origin="here",
        runtimes=("onnxruntime", "openvino"),
        precision="FP32",
        input=INPUT,
        detection=OUTPUT,
        variants={"FP32": {"files": [unwritten.model_dump()]}},
    )
    folder = tmp_path_factory.mktemp("base") / BASE
    write_entry(export_adapted(seeded(), base, BASE, folder), folder)
    return folder


@pytest.fixture
def store(tmp_path: Path, base_folder: Path) -> ModelStore:
    """A store with an untrained detector that was made there."""
    root = tmp_path / "store"
    shutil.copytree(base_folder, root / LOCAL / BASE)
    return ModelStore(root)


def wish(tmp_path: Path, minutes: float) -> Wish:
    """For a site with people, on which nothing that the untrained base knows is worth keeping."""
    out, needed = tmp_path / "out", (ObjectClass.PERSON,)
    return Wish(tmp_path / "frames", out, BASE, "tiny-site", minutes, keep=0.0, needed=needed)


def run(wanted: Wish, store: ModelStore) -> Outcome:
    """With a clock by which a minute is sixty steps of training, however slow the machine."""
    return adapt(wanted, store, teachers(), lambda _line: None, count(0.0).__next__)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    draw(tmp_path / "frames", 120)
    return tmp_path


def test_a_better_detector_is_deployed_with_its_card_and_a_box_can_run_it(
    site: Path, store: ModelStore
) -> None:
    outcome = run(replace(wish(site, minutes=5), rate=5e-3), store)
    assert outcome.verdict.better, outcome.verdict
    assert outcome.deployed == store.root / LOCAL / "tiny-site"
    fresh = ModelStore(store.root)
    detector = load_detector("tiny-site", LoadOptions(fresh))
    assert detector.detect(np.zeros((160, 288, 3), np.uint8)) is not None
    card = read_card(outcome.deployed)
    after = next(one.value for one in card.figures if one.metric == "AP50 mean after")
    assert after == pytest.approx(outcome.verdict.mean.after, abs=0.01)
    report = json.loads((site / "out" / REPORT).read_text())
    assert report["better"] is True
    assert "agreement with it, not truth" in report["hold_out"]
    with pytest.raises(ConfigError, match="a model called tiny-site already"):
        run(wish(site, minutes=0), fresh)


def test_a_detector_that_is_not_better_is_refused_and_nothing_is_deployed(
    site: Path, store: ModelStore
) -> None:
    outcome = run(wish(site, minutes=0), store)
    assert outcome.deployed is None
    assert not outcome.verdict.better
    assert [path.name for path in (store.root / LOCAL).iterdir()] == [BASE]
    report = json.loads((site / "out" / REPORT).read_text())
    assert report["better"] is False
    assert "may be chance" in report["reason"]


def test_labels_made_before_are_not_made_again(site: Path) -> None:
    frames = read_frames(site / "frames")[:5]
    known = teachers()
    teach(frames, LabelFile(site / "out", known), lambda _line: None)
    path = next((site / "out").glob("labels-*.jsonl"))
    path.write_text(path.read_text() + '["cut off in the mid')
    again = teachers()
    first, _ = teach(frames, LabelFile(site / "out", again), lambda _line: None)
    (teacher,) = again.families[0]
    assert isinstance(teacher, RedTeacher)
    assert teacher.calls == 0
    assert all(len(one.labels) == 3 for one in first)


def test_a_labelled_set_is_judged_by_what_people_said(site: Path, store: ModelStore) -> None:
    labelled(site / "set", range(40))
    wanted = replace(wish(site, minutes=0), held_out=site / "set")
    outcome = run(wanted, store)
    assert "labelled in" in outcome.hold_out
    assert outcome.before.objects == 120
    assert outcome.trained_on == 120


def test_a_frame_that_is_in_the_labelled_set_is_not_trained_on(
    site: Path, store: ModelStore
) -> None:
    labelled(site / "set", range(40))
    for path in sorted((site / "set/images").iterdir())[:10]:
        (site / "frames" / f"copy-{path.name}").write_bytes(path.read_bytes())
    outcome = run(replace(wish(site, minutes=0), held_out=site / "set"), store)
    assert outcome.trained_on == 120


def labelled(folder: Path, numbers: Sequence[int], row: str | None = None) -> None:
    draw(folder / "images", len(numbers), seed=7)
    (folder / "labels").mkdir()
    for path in (folder / "images").iterdir():
        found = RedTeacher().detect(np.asarray(cv2.imread(str(path)), dtype=np.uint8))
        lines = [
            f"0 {(r.left + r.right) / 576} {(r.top + r.bottom) / 320} {r.width / 288} "
            f"{r.height / 160}"
            for r, _, _ in found
        ]
        (folder / "labels" / f"{path.stem}.txt").write_text("\n".join([*lines, row or ""]))


def test_a_class_out_of_range_names_the_file_and_the_line(site: Path, store: ModelStore) -> None:
    labelled(site / "set", range(4), row="7 0.5 0.5 0.1 0.1")
    with pytest.raises(ConfigError, match=r"\.txt, line 4: class 7 is out of range"):
        run(replace(wish(site, minutes=0), held_out=site / "set"), store)


def test_labels_without_their_pictures_are_refused(site: Path, store: ModelStore) -> None:
    labelled(site / "set", range(4))
    for path in (site / "set/images").iterdir():
        path.rename(path.with_stem(f"other-{path.stem}"))
    with pytest.raises(ConfigError, match="no text belongs to any"):
        run(replace(wish(site, minutes=0), held_out=site / "set"), store)


def test_an_empty_folder_is_refused(tmp_path: Path, store: ModelStore) -> None:
    (tmp_path / "frames").mkdir()
    with pytest.raises(ConfigError, match="has no picture"):
        run(wish(tmp_path, minutes=0), store)


def test_damaged_pictures_are_left_out_and_named(site: Path, store: ModelStore) -> None:
    (site / "frames/000.png").write_bytes(b"\x89PNG no more")
    outcome = run(wish(site, minutes=0), store)
    assert len(outcome.damaged) == 1
    assert "000.png" in outcome.damaged[0]


def test_a_site_of_damaged_pictures_only_is_refused(tmp_path: Path, store: ModelStore) -> None:
    (tmp_path / "frames").mkdir()
    for number in range(30):
        (tmp_path / f"frames/{number}.jpg").write_bytes(b"no picture")
    with pytest.raises(ConfigError, match=r"none of .* frames can be read"):
        run(wish(tmp_path, minutes=0), store)


def test_too_few_frames_are_refused_before_any_training(tmp_path: Path, store: ModelStore) -> None:
    draw(tmp_path / "frames", 16)
    with pytest.raises(ConfigError, match="too small to tell better from worse"):
        run(wish(tmp_path, minutes=60), store)


def test_what_is_no_starter_detector_cannot_be_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(ModelError, match="not a starter detector"):
        load_network(path)


def test_a_shipped_file_gives_back_the_network_it_was_made_from(store: ModelStore) -> None:
    network = seeded().eval()
    loaded = load_network(store.require(store.catalogue.entry(BASE))).eval()
    picture = torch.rand(1, 3, 96, 160) * 255
    with torch.no_grad():
        wanted, found = network(picture), loaded(picture)
    assert torch.allclose(wanted, found, atol=0.05)


def test_masked_frames_are_masked_elsewhere_too_so_that_masks_mean_nobody(
    tmp_path: Path,
) -> None:
    (tmp_path / "frames").mkdir()
    cv2.imwrite(str(tmp_path / "frames/0.png"), textured(height=160, width=288))
    (frame,) = read_frames(tmp_path / "frames")
    known = LabelFile(tmp_path / "out", teachers())
    taught, _ = teach([frame._replace(masked=True)], known, lambda _line: None)
    whole = Rect(0, 0, 288, 160)
    (scene,) = scenes_of(taught, np.random.default_rng(0))
    assert roughness(scene.picture, whole) < 0.99 * roughness(taught[0].picture, whole)
    (plain,) = scenes_of([replace(taught[0], frame=frame)], np.random.default_rng(0))
    assert (plain.picture == taught[0].picture).all()


def test_the_catalogue_reads_what_was_deployed(site: Path, store: ModelStore) -> None:
    assert isinstance(store.catalogue, Catalogue)
    assert (
        store.catalogue.entry(BASE).variants["FP32"].files[0].path == f"{LOCAL}/{BASE}/{BASE}.onnx"
    )


def test_a_class_that_nothing_shows_must_not_be_forgotten_unseen(
    site: Path, store: ModelStore
) -> None:
    everything = replace(wish(site, minutes=60), needed=tuple(ObjectClass))
    with pytest.raises(ConfigError, match=r"shows 10 or more of vehicle, two_wheeler.*--needed"):
        run(everything, store)


def test_what_a_pack_shows_is_judged_by_too(site: Path, store: ModelStore) -> None:
    pack = site / "pack.zip"
    car = Label(Rect(100, 50, 180, 100), ObjectClass.VEHICLE)
    blank = np.full((160, 288, 3), 90, np.uint8)
    held = [Scene(blank, (car,), f"clip-{number}", "held_out") for number in range(12)]
    write_pack([Scene(blank, (car,), "clip", "train"), *held], pack)
    needed = (ObjectClass.PERSON, ObjectClass.VEHICLE)
    outcome = run(replace(wish(site, minutes=0), replay=pack, needed=needed), store)
    assert outcome.guard is not None
    assert list(outcome.guard.classes) == ["vehicle"]
    assert outcome.trained_on < 120


def test_a_detector_that_forgot_is_refused_however_good_it_is_at_the_site() -> None:
    gained = Change(50.0, 80.0, 20.0, 40.0)
    lost = Change(60.0, 10.0, -60.0, -40.0)
    figures = DetectionFigures(0, 0, None, None, None, {}, 0, 0)
    outcome = Outcome(
        verdict=Verdict(gained, {"person": gained}, 8),
        guard=Verdict(lost, {"vehicle": lost}, 8),
        before=figures,
        after=figures,
        hold_out="",
        trained_on=1,
        damaged=(),
    )
    assert not outcome.better
    assert "it forgot vehicle" in outcome.reason()


def test_a_new_model_gives_only_what_it_was_judged_by(site: Path, store: ModelStore) -> None:
    run(wish(site, minutes=0), store)
    entry = read_entry(site / "out" / LOCAL / "tiny-site")
    assert entry.detection is not None
    assert list(entry.detection.classes.values()) == [ObjectClass.PERSON]


def test_half_way_between_two_networks_lies_the_mean_of_their_weights() -> None:
    old, new = fold(seeded(1)), fold(seeded(2))
    assert isinstance(old, DetectorNetwork)
    assert isinstance(new, DetectorNetwork)
    between = mixed(old, new, 0.5).state_dict()
    for name, value in old.state_dict().items():
        mean = (value + new.state_dict()[name]) / 2
        assert torch.allclose(between[name], mean, atol=1e-5)


@pytest.fixture
def red(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's teacher is the one that knows people by their clothes."""
    monkeypatch.setattr(teaching, "load_site_teachers", lambda *_: teachers())


def test_the_command_says_that_it_is_not_better_and_ends_with_three(
    site: Path, store: ModelStore, red: None
) -> None:
    where = ["--frames", str(site / "frames"), "--out", str(site / "out")]
    chosen = ["--base", BASE, "--needed", "person", "--minutes", "0", "--store", str(store.root)]
    result = CliRunner().invoke(app, ["adapt", *where, *chosen])
    assert result.exit_code == NOT_BETTER, result.output
    assert "not better: AP50" in result.output
    assert f"nothing is deployed, {BASE} stays" in result.output


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        (("--held-out", "1.5"), "a share between 0 and 1"),
        (("--held-out", "nowhere"), "nowhere is no folder"),
        (("--needed", "dragon"), "there is person, vehicle, two_wheeler"),
    ],
    ids=["share", "folder", "class"],
)
def test_the_command_says_what_is_wrong_with_its_options(
    site: Path, store: ModelStore, red: None, option: tuple[str, str], complaint: str
) -> None:
    where = ["--frames", str(site / "frames"), "--out", str(site / "out")]
    chosen = ["--base", BASE, "--store", str(store.root), *option]
    result = CliRunner().invoke(app, ["adapt", *where, *chosen])
    assert result.exit_code == 1
    assert complaint in str(result.exception)
