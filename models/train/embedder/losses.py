"""How the vectors of a batch should lie: those of one together, and all as a teacher says."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def contrast(vectors: Tensor, labels: Tensor, temperature: float = 0.1) -> Tensor:
    """Supervised contrastive loss (arXiv 2004.11362, its L_out), over all pairs of the batch.

    Args:
        vectors: N x D, unit vectors.
        labels: N; those that are alone in the batch only push.
        temperature: smaller looks harder at the nearest ones.
    """
    alike = labels[:, None] == labels[None, :]
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    logits = (vectors @ vectors.T / temperature).masked_fill(itself, -math.inf)
    shares = logits - logits.logsumexp(dim=1, keepdim=True)
    right = alike & ~itself
    counts = right.sum(dim=1)
    means = shares.masked_fill(~right, 0.0).sum(dim=1) / counts.clamp(min=1)
    return -means[counts > 0].mean() if bool((counts > 0).any()) else vectors.sum() * 0.0


def hardest(vectors: Tensor, labels: Tensor) -> Tensor:
    """Soft-margin triplet loss with the hardest of the batch (arXiv 1703.07737).

    Args:
        vectors: N x D, unit vectors.
        labels: N.
    """
    apart = (2 - 2 * vectors @ vectors.T).clamp(min=1e-8).sqrt()
    alike = labels[:, None] == labels[None, :]
    furthest = apart.masked_fill(~alike, -math.inf).amax(dim=1)
    nearest = apart.masked_fill(alike, math.inf).amin(dim=1)
    usable = nearest.isfinite()
    return functional.softplus(8 * (furthest - nearest)[usable]).mean() / 8


def same_relations(vectors: Tensor, teacher: Tensor) -> Tensor:
    """How far the cosines within the batch are from the teacher's (arXiv 1904.05068, by distance).

    Args:
        vectors: N x D, unit vectors.
        teacher: N x E, unit vectors.
    """
    own, wanted = vectors @ vectors.T, teacher @ teacher.T
    others = ~torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    return functional.mse_loss(own[others], wanted[others])


class Likeness(nn.Module):
    """A linear layer from the vector to a teacher's, and how far off it is: 1 - cosine."""

    def __init__(self, dimensions: int, teacher: int) -> None:
        super().__init__()
        self.layer = nn.Linear(dimensions, teacher)

    def forward(self, vectors: Tensor, teacher: Tensor) -> Tensor:
        """The mean over the batch."""
        return 1 - functional.cosine_similarity(self.layer(vectors), teacher).mean()


class Classes(nn.Module):
    """A cosine classifier over all identities of the training set, with a margin (1801.09414)."""

    def __init__(
        self, dimensions: int, count: int, scale: float = 20.0, margin: float = 0.1
    ) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.randn(count, dimensions) * dimensions**-0.5)
        self._scale = scale
        self._margin = margin

    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """The cross entropy of unit vectors, N x D, and their labels, N."""
        cosines = vectors @ functional.normalize(self.centres).T
        cosines = cosines - self._margin * functional.one_hot(labels, len(self.centres))
        return functional.cross_entropy(self._scale * cosines, labels, label_smoothing=0.1)
