"""Where to train, and the same run again from the same seed."""

import random

import numpy as np
import torch

from shared.errors import ConfigError


def device_called(name: str) -> torch.device:
    """The device called `cpu` or `cuda`.

    Raises:
        ConfigError: this machine has no such device.
    """
    if name not in {"cpu", "cuda"}:
        raise ConfigError(f"no device {name!r}; there is cpu and cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("torch finds no CUDA device here; train with --device cpu")
    return torch.device(name)


def seed_everything(seed: int) -> np.random.Generator:
    """Seed torch and Python's own randomness; the generator is for everything else."""
    random.seed(seed)
    torch.manual_seed(seed)
    return np.random.default_rng(seed)
