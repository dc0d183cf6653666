from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge_agent.gate import GatePolicy, MotionGate, Reason
from edge_agent.gate.scene import Change, Scene
from edge_agent.source import Attention, Luma, PacketSeen
from models.detection import Detection
from tests.edge_agent.gate.views import (
    FPS,
    HEIGHT,
    POLICY,
    WIDTH,
    View,
    frame,
    image,
    person_at,
    reasons,
    share,
)

LEAVES = cv2.resize(np.random.default_rng(5).integers(20, 220, (10, 25), dtype=np.uint8), (100, 40))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def passing(from_s: float, speed: float = 12.0) -> "View":
    """Somebody who comes in at `from_s` and walks across."""
    return View(sees=lambda at_s: walker(at_s, from_s, speed))


def walker(at_s: float, from_s: float, speed: float) -> list[Detection]:
    left = (at_s - from_s) * speed
    return [person_at(left)] if at_s >= from_s and left < WIDTH else []


def test_a_place_where_nothing_moves_is_looked_at_now_and_then() -> None:
    view = View()
    view.watch(5)
    assert share(view.watch(60)) <= 1.2 / (POLICY.anyway_s * FPS)
    assert reasons(view.verdicts[-250:]) == {Reason.STILL, Reason.ANYWAY}


@pytest.mark.parametrize("contrast", [-60.0, -15.0, 12.0, 60.0])
def test_every_frame_with_somebody_walking_is_looked_at(contrast: float) -> None:
    view = passing(20)
    view.contrast = contrast
    view.watch(20.2)
    assert all(verdict.look for verdict in view.watch(12))


@pytest.mark.parametrize("noise", [0.0, 2.0, 5.0])
def test_noise_moves_nothing_and_hides_nobody(noise: float) -> None:
    view = passing(30)
    view.noise, view.contrast = noise, 60.0
    view.watch(5)
    assert share(view.watch(25)) < 0.1
    view.watch(0.4)
    assert all(verdict.look for verdict in view.watch(10))


def test_what_was_found_holds_while_it_stands_still() -> None:
    stands = person_at(80)
    view = View(sees=lambda at_s: [stands] if at_s > 10 else [])
    view.watch(30)
    assert not view.step().look
    assert view.gate.held() == [stands]


def test_what_left_is_held_no_more() -> None:
    view = View(sees=lambda at_s: [person_at(80)] if 10 < at_s < 25 else [])
    view.watch(24)
    assert view.gate.held() == [person_at(80)]
    view.watch(3)
    assert view.gate.held() == []


def test_what_one_look_of_many_saw_is_not_held() -> None:
    gate = MotionGate(POLICY)
    view = View()
    for number in range(6):
        gate.judge(frame(view.luma(), number / FPS))
        gate.saw([person_at(80)] if number == 5 else [], number / FPS)
    assert gate.held() == []


def test_detections_that_come_and_go_are_looked_at_for_a_while_only() -> None:
    view = View()
    view.sees = lambda at_s: [person_at(80)] if round(at_s * FPS) % 2 else []
    view.contrast = 0.0
    view.watch(10)
    assert share(view.watch(50)) < 0.6


def test_leaves_are_looked_at_rarely_after_a_while_and_who_passes_before_them_always(
    rng: np.random.Generator,
) -> None:
    def leaves(luma: Luma, _at_s: float) -> Luma:
        moving = luma.copy()
        moving[10:50, 100:150] = LEAVES[:, (n := rng.integers(0, 50)) : n + 50]
        return moving

    view = View(weather=leaves)
    view.watch(80)
    assert share(view.watch(20)) <= 1.3 / (POLICY.doubt_s * FPS)
    assert Reason.BARREN in reasons(view.verdicts)
    view.sees = lambda at_s: [person_at((at_s - 100) * 10 + 90, top=25.0)]
    view.watch(POLICY.doubt_s)
    assert all(verdict.look for verdict in view.watch(3))


def test_while_something_moves_every_frame_is_looked_at_and_few_are_judged() -> None:
    view = View(sees=lambda at_s: walker(at_s, 10, 8.0))
    view.watch(12)
    judged: list[float] = []
    see = Scene.see

    def noted(scene: Scene, luma: Luma, passed_s: float) -> Change:
        judged.append(passed_s)
        return see(scene, luma, passed_s)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scene, "see", noted)
        assert all(verdict.look for verdict in view.watch(6))
    assert len(judged) <= 6 * FPS / 2
    assert max(judged) <= POLICY.linger_s


def test_somebody_elsewhere_is_seen_while_leaves_move(rng: np.random.Generator) -> None:
    def leaves(luma: Luma, _at_s: float) -> Luma:
        moving = luma.copy()
        moving[10:50, 100:150] = LEAVES[:, (n := rng.integers(0, 50)) : n + 50]
        return moving

    view = View(weather=leaves, sees=lambda at_s: walker(at_s, 40, 8.0))
    view.watch(40.4)
    assert all(verdict.look for verdict in view.watch(10))


def test_a_flash_is_looked_at_and_forgotten() -> None:
    def lightning(luma: Luma, at_s: float) -> Luma:
        flash = np.linspace(160, 20, WIDTH)[None, :] if 20 <= at_s < 20.3 else 0
        return np.asarray(np.clip(luma + flash, 0, 255), dtype=np.uint8)

    view = View(weather=lightning)
    view.watch(20)
    assert view.step().look
    view.watch(0.4)
    assert share(view.watch(2)) <= 0.6
    assert share(view.watch(20)) < 0.06


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 0), (1.25, 0), (1.0, 25), (1.0, -30)])
def test_another_exposure_moves_nothing_and_hides_nobody(gain: float, offset: float) -> None:
    def exposed(luma: Luma, at_s: float) -> Luma:
        return np.clip(luma * gain + offset, 0, 255).astype(np.uint8) if at_s >= 20 else luma

    view = View(weather=exposed, sees=lambda at_s: walker(at_s, 30, 10.0))
    view.watch(20)
    assert share(view.watch(10)) < 0.25
    view.watch(0.4)
    assert all(verdict.look for verdict in view.watch(10))


def test_a_switch_to_infrared_is_looked_at_until_it_is_the_new_background() -> None:
    def infrared(luma: Luma, at_s: float) -> Luma:
        return np.asarray(200 - luma // 2, dtype=np.uint8) if at_s >= 20 else luma

    view = View(weather=infrared, sees=lambda at_s: walker(at_s, 40, 10.0))
    view.watch(20)
    switched = view.watch(POLICY.settle_s)
    assert all(verdict.look for verdict in switched)
    assert Reason.GLOBAL in reasons(switched)
    view.watch(5)
    assert share(view.watch(12)) < 0.1
    view.watch(1.4)
    assert all(verdict.look for verdict in view.watch(5))


def test_a_camera_that_turns_is_looked_at_all_the_time() -> None:
    def turning(luma: Luma, at_s: float) -> Luma:
        return np.roll(luma, int(max(0.0, at_s - 10) * 25), axis=1)

    view = View(weather=turning)
    view.watch(10.2)
    assert all(verdict.look for verdict in view.watch(5))


def test_a_camera_that_trembles_moves_nothing(rng: np.random.Generator) -> None:
    def trembling(luma: Luma, _at_s: float) -> Luma:
        by = np.array([[1, 0, rng.uniform(-0.5, 0.5)], [0, 1, rng.uniform(-0.5, 0.5)]])
        border = cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpAffine(luma, by, (WIDTH, HEIGHT), borderMode=border))

    view = View(weather=trembling)
    view.watch(10)
    assert share(view.watch(30)) < 0.15


def test_rain_moves_nothing(rng: np.random.Generator) -> None:
    def rain(luma: Luma, _at_s: float) -> Luma:
        wet = luma.copy()
        for _ in range(40):
            top, left = rng.integers(0, HEIGHT - 4), rng.integers(0, WIDTH)
            wet[top : top + 4, left] = np.minimum(255, wet[top : top + 4, left] + 8)
        return wet

    view = View(weather=rain)
    view.watch(10)
    assert share(view.watch(30)) < 0.2


def test_what_is_put_down_becomes_background() -> None:
    view = View(sees=lambda at_s: [person_at(40)] if at_s >= 20 else [])
    view.watch(20)
    view.watch(POLICY.absorb_s + 3)
    assert share(view.watch(20)) < 0.1


def test_a_channel_on_which_nothing_moves_is_decoded_by_key_frames() -> None:
    view = passing(30)
    view.watch(POLICY.quiet_s)
    assert view.step().attention is Attention.FULL
    view.watch(2)
    assert view.step().attention is Attention.KEYFRAMES
    view.watch(20)
    assert view.step().attention is Attention.FULL


def test_a_gate_told_to_never_decodes_by_key_frames_alone() -> None:
    view = View(policy=replace(POLICY, keyframes=False))
    assert {verdict.attention for verdict in view.watch(30)} == {Attention.FULL}


def test_a_burst_of_bytes_wakes_a_quiet_channel() -> None:
    view = View()
    packets = np.random.default_rng(2)
    for number in range(20 * 25):
        if number % 5 == 0:
            view.step()
        size = int(packets.normal(900, 120))
        view.gate.packet(PacketSeen(number / 25, size, key=number % 50 == 0))
    quiet = view.gate.attention
    for number in range(20):
        view.gate.packet(PacketSeen(20 + number / 25, 5_000, key=False))
    assert (quiet, view.gate.attention) == (Attention.KEYFRAMES, Attention.FULL)


def test_a_key_frame_that_differs_stirs_and_teaches_nothing() -> None:
    view = View()
    view.watch(12)
    empty = view.luma()
    view.sees = lambda _at_s: [person_at(70)]
    person = view.luma()
    assert not view.gate.stirs(image(empty))
    assert all(view.gate.stirs(image(person)) for _ in range(30))


def test_a_picture_of_another_size_begins_anew() -> None:
    gate = MotionGate(GatePolicy())
    small, large = (np.full((h, w), 90, dtype=np.uint8) for w, h in ((320, 240), (640, 480)))
    seen = [gate.judge(frame(small, n / FPS)).reason for n in range(30)]
    assert seen[-1] is Reason.STILL
    assert gate.judge(frame(large, 6.0)).reason is Reason.WARMING
    assert gate.judge(replace(frame(large, 6.2), cut=True)).reason is Reason.WARMING


def test_an_answer_may_be_late_or_missing() -> None:
    view = View()
    for number in range(20):
        view.gate.judge(frame(view.luma(), number / FPS))
    view.gate.saw([person_at(70)], 2.0)
    assert view.gate.held() == [person_at(70)]
    view.gate.saw([], 99.0)
    assert MotionGate(POLICY).held() == []
