import numpy as np
import pytest

from models.detection import Detection
from models.evaluation.detection import Judged, score_detections
from models.preparation import Size
from models.site.frames import units
from models.site.verdict import check_enough, compare, without_ignored
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect

SIZE = Size(640, 360)


def judged(rng: np.random.Generator, recall: float, frames: int = 60) -> list[Judged]:
    """Frames of three people; each is found with the chance `recall`, among as many ghosts."""
    made = []
    for _ in range(frames):
        truth = [(Rect(x, 50, x + 40, 150), ObjectClass.PERSON) for x in (50.0, 250.0, 450.0)]
        found = [
            Detection(rect.shifted(3, 3), kind, float(rng.uniform(0.4, 1)))
            for rect, kind in truth
            if rng.random() < recall
        ]
        ghosts = [
            Detection(Rect(150, 200, 190, 300), ObjectClass.PERSON, float(rng.uniform(0, 0.7)))
            for _ in range(int(rng.integers(0, 3)))
        ]
        made.append(Judged(SIZE, truth, [*found, *ghosts]))
    return made


def verdict(before: list[Judged], after: list[Judged]):  # type: ignore[no-untyped-def]  # noqa: ANN201
    runs = units(["hall"] * len(before))
    kinds = check_enough([one.truth for one in before], runs)
    return compare((before, after), runs, kinds, np.random.default_rng(0))


def test_the_figures_are_those_of_coco() -> None:
    for seed, recall in enumerate((0.3, 0.6, 0.95)):
        frames = judged(np.random.default_rng(seed), recall)
        said = verdict(frames, frames)
        assert said.mean.before == pytest.approx(score_detections(frames).ap50, abs=0.1)


def test_a_clear_gain_is_better() -> None:
    rng = np.random.default_rng(0)
    said = verdict(judged(rng, 0.4), judged(rng, 0.9))
    assert said.better
    assert said.mean.low > 0
    assert "95 % confidence" in said.reason()


def test_what_may_be_chance_is_not_better() -> None:
    rng = np.random.default_rng(0)
    said = verdict(judged(rng, 0.7, frames=30), judged(rng, 0.72, frames=30))
    assert not said.better
    assert "may be chance" in said.reason()


def test_the_same_is_not_better() -> None:
    frames = judged(np.random.default_rng(0), 0.5)
    assert not verdict(frames, frames).better


def test_a_gain_that_costs_another_class_is_not_better() -> None:
    rng = np.random.default_rng(0)
    car = (Rect(300, 200, 400, 260), ObjectClass.VEHICLE)
    seen = Detection(car[0], car[1], 0.9)

    def with_car(frames: list[Judged], *, found: bool) -> list[Judged]:
        return [
            Judged(one.size, [*one.truth, car], [*one.found, *([seen] if found else [])])
            for one in frames
        ]

    before = with_car(judged(rng, 0.2), found=True)
    after = with_car(judged(rng, 1.0), found=False)
    said = verdict(before, after)
    assert said.worse == ["vehicle"]
    assert not said.better
    assert "vehicle became worse" in said.reason()


def test_too_few_frames_are_refused() -> None:
    frames = judged(np.random.default_rng(0), 0.5, frames=9)
    with pytest.raises(ConfigError, match=r"too small to tell better from worse.*27 person"):
        verdict(frames, frames)


def test_too_few_objects_are_refused() -> None:
    frames = [Judged(SIZE, [], []) for _ in range(60)]
    with pytest.raises(ConfigError, match="0 person, 0 vehicle"):
        verdict(frames, frames)


def test_what_lies_where_nothing_is_asked_for_counts_neither_way() -> None:
    person = Detection(Rect(50, 50, 90, 150), ObjectClass.PERSON, 0.9)
    half_seen = Detection(Rect(200, 50, 240, 150), ObjectClass.PERSON, 0.8)
    ghost = Detection(Rect(400, 50, 440, 150), ObjectClass.PERSON, 0.7)
    left = without_ignored(
        [person, half_seen, ghost],
        [(person.rect, ObjectClass.PERSON)],
        [half_seen.rect, person.rect],
    )
    assert left == [person, ghost]


def test_neighbours_are_drawn_together_and_channels_apart() -> None:
    runs = units(["hall"] * 9 + ["door"] * 4)
    assert runs == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4]
