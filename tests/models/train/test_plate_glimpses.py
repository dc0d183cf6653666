import torch

from models.plates.slots import SLOTS
from models.train.plates.batches import collate
from models.train.plates.glimpses import (
    FRAME,
    ROOM,
    Agreement,
    Correction,
    Frames,
    Patches,
    PatchReader,
    PatchShape,
)
from models.train.plates.scenes import View
from models.train.plates.sets import plates_of
from models.train.plates.task import frames_apart
from tests.models.train.plate_faces import studio

SHAPE = PatchShape(8, 8, (4, 6, 8))
CLEAR = View(narrowest=150, negatives=0, on_plate=(), weather=(), optics=(), sensor=())


def ramps(height: int = 40, width: int = 60) -> torch.Tensor:
    """(1, 2, H, W): each place says where it is, from -1 to 1."""
    across = (torch.arange(width) + 0.5) / width * 2 - 1
    down = (torch.arange(height) + 0.5) / height * 2 - 1
    return torch.stack((across.expand(height, width), down[:, None].expand(height, width)))[None]


def frames_of(*frames: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor([frames])


def test_a_patch_is_sampled_where_its_frame_is_and_turns_with_it() -> None:
    upright, turned = (0.2, -0.1, 0.3, 0.0, 0.0, 0.2), (0.2, -0.1, 0.0, 0.3, -0.2, 0.0)
    patches = Patches(5, 7)(ramps(), frames_of(upright, turned))
    assert patches.shape == (2, 2, 5, 7)
    for patch, frame in zip(patches, (upright, turned), strict=True):
        assert torch.allclose(patch[:, 2, 3], torch.tensor(frame[:2]), atol=1e-4)
        right = torch.tensor(frame[:2]) + ROOM * torch.tensor(frame[2:4])
        lower = torch.tensor(frame[:2]) + ROOM * torch.tensor(frame[4:])
        assert torch.allclose(patch[:, 2, 6], right, atol=1e-4)
        assert torch.allclose(patch[:, 4, 3], lower, atol=1e-4)


def test_a_first_frame_is_in_the_middle_of_the_look() -> None:
    looks = torch.zeros(1, 3, 8 * 20)
    looks[0, 0, 3 * 20 + 5] = looks[0, 1, 0] = 1
    looks[0, 2, 3 * 20 + 5] = looks[0, 2, 5 * 20 + 9] = 0.5
    first, corner, between = Frames(8, 20, 12)(looks, torch.zeros(1, 3, 12))[0, :, :2]
    # What was seen is the same for all: it moves them alike.
    assert torch.allclose(first - corner, torch.tensor([5 / 20 * 2, 3 / 8 * 2]))
    assert torch.allclose(between - first, torch.tensor([2 / 20 * 2, 1 / 8 * 2]))


def test_corrections_are_in_the_measure_of_the_patch() -> None:
    corrected = Correction(2, PatchShape(8, 8, (4, 6)))
    wide, narrow = (0.0, 0.0, 0.4, 0.0, 0.0, 0.2), (0.0, 0.0, 0.1, 0.0, 0.0, 0.2)
    frames = frames_of(wide, narrow)
    assert torch.equal(corrected(ramps(), frames), frames)
    # Half a half-width to the right, and a tenth higher.
    corrected.rest.bias.data[:] = torch.tensor([0.5, 0.0, 0.0, 0.0, 0.0, 0.1])
    moved = corrected(ramps(), frames)[0]
    assert torch.allclose(moved[0], torch.tensor([0.2, 0.0, 0.4, 0.0, 0.0, 0.22]))
    assert torch.allclose(moved[1], torch.tensor([0.05, 0.0, 0.1, 0.0, 0.0, 0.22]))


def test_frames_are_taught_by_their_places_and_not_by_what_is_read() -> None:
    frames = torch.rand(1, SLOTS, FRAME, requires_grad=True)
    form = torch.rand(1, 5)
    agreed = Agreement(5)(frames, form)
    read = PatchReader(2, 3, SHAPE)(ramps(), agreed)
    assert read.shape == (1, SLOTS, 3)
    (unread,) = torch.autograd.grad(read.sum(), frames, allow_unused=True, materialize_grads=True)
    assert not unread.any()
    (gradient,) = torch.autograd.grad(agreed.sum(), frames)
    assert gradient.abs().min() > 0


def test_true_frames_show_the_characters_upright() -> None:
    """The middle of each patch of a clear plate has ink and paper: a character is there."""
    scenes = plates_of(studio(CLEAR), 4, 6)
    batch = collate(scenes)
    filled = ~batch.frames.isnan().any(dim=2)
    patches = Patches(12, 12)(batch.pictures, torch.nan_to_num(batch.frames))
    spread = patches.reshape(len(scenes), SLOTS, -1).std(dim=2)
    assert (spread[filled] > 15).float().mean() > 0.9


def test_how_far_frames_are_is_measured_in_their_own_size() -> None:
    wanted = torch.full((1, SLOTS, FRAME), torch.nan)
    wanted[0, 3] = torch.tensor([0.1, 0.2, 0.1, 0.0, 0.0, 0.5])
    guess = torch.nan_to_num(wanted)[None].clone()
    assert frames_apart(guess, wanted) == 0
    guess[0, 0, 3, 0] += 0.05
    guess[0, 0, 3, 1] += 0.05
    guess[0, 0, 5] += 9  # an empty slot has no place
    assert torch.isclose(frames_apart(guess, wanted), torch.tensor(0.5 + 0.1))
