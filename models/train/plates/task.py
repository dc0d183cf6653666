"""What is learnt: the classes of nine slots, and where each of them is."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.plates.slots import OUTPUTS, best
from models.train.plates.batches import PlateBatch, batches, collate
from models.train.plates.glimpses import FRAME
from models.train.plates.network import PlateNet
from models.train.plates.scenes import Scene, Studio

_BATCH = 32
_WEIGHTS = (1.5, 1.0, 1.5)
"""Of regions, digits and letters: a plate has one region and one letter against seven digits, and
they are the finer print."""

_LOOKS = 0.1
"""Weight of the loss of where slots look, at the start; it ends at a tenth of that."""

_FRAMES = 0.05
"""Weight of how far each guess of frames is from where characters are."""

_SMALL = 0.03
"""Half a cut being 1: what is smaller is not measured by its own size."""


class PlateTask:
    """Trains `network` on scenes of `studio`; `held_out` are to judge it with, by their name."""

    def __init__(
        self, network: PlateNet, studio: Studio, held_out: Mapping[str, Sequence[Scene]]
    ) -> None:
        self.network: nn.Module = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._plate_net = network
        self._studio = studio
        self._held_out = held_out

    def batches(self, seed: int) -> Iterator[PlateBatch]:
        """Batches without end; another `seed`, others."""
        return batches(self._studio, np.random.default_rng(seed), _BATCH)

    def losses(self, batch: PlateBatch, done: float) -> Mapping[str, Tensor]:
        """Cross-entropies summed over slots: `read` of plates, `nothing` of cuts without one."""
        device = next(self._plate_net.parameters()).device
        sight = self._plate_net.look(batch.pictures.to(device))
        logits = self._plate_net.heads(sight.seen)
        wanted = (batch.regions, batch.digits, batch.letters)
        plate = batch.plate.to(device)
        read, nothing = torch.zeros(2, device=device)
        for weight, scores, classes in zip(_WEIGHTS, logits, wanted, strict=True):
            given = scores.log_softmax(dim=-1).reshape(len(plate), -1, scores.shape[-1])
            right = given.gather(2, classes.to(device).reshape(len(plate), -1, 1))
            read = read - weight * right[plate].sum()
            nothing = nothing - given[~plate].mean(dim=2).sum()
        place = -(batch.looks.to(device) * sight.looks.log_softmax(dim=2)).sum()
        away = frames_apart(sight.frames, batch.frames.to(device))
        parts = (read, nothing, _LOOKS * (1 - 0.9 * done) * place, _FRAMES * away)
        names = ("read", "nothing", "looks", "frames")
        return {name: part / len(plate) for name, part in zip(names, parts, strict=True)}

    def judge(self, network: nn.Module) -> Mapping[str, float]:
        """The share of plates read without a fault, of each set."""
        return {name: exact(network, scenes) for name, scenes in self._held_out.items()}


@torch.no_grad()
def logits_of(network: nn.Module, scenes: Sequence[Scene]) -> dict[str, np.ndarray]:
    """The outputs of `network` for `scenes`, by name."""
    parts = [
        network(collate(scenes[start : start + _BATCH]).pictures)
        for start in range(0, len(scenes), _BATCH)
    ]
    return {
        name: torch.cat([part[number] for part in parts]).numpy()
        for number, name in enumerate(OUTPUTS)
    }


def exact(network: nn.Module, scenes: Sequence[Scene]) -> float:
    """The share of `scenes` (all with plates) whose likeliest legal number is theirs."""
    outputs = logits_of(network, scenes)
    right = [best(outputs, row, 1.0).number == scene.number for row, scene in enumerate(scenes)]
    return float(np.mean(right))


def frames_apart(frames: Tensor, wanted: Tensor) -> Tensor:
    """How far guesses (G, N, 9, 6) are from frames (N, 9, 6), in half widths and heights."""
    filled = ~wanted.isnan().any(dim=2)
    sizes = wanted[filled][:, [2, 5]].abs().clamp(min=_SMALL).repeat(1, FRAME // 2)
    return ((frames[:, filled] - wanted[filled]) / sizes).abs().sum()
