"""`dongseon central fit-bands`: the curve of a model's space from crops of known identities.

Single crops and not the means of tracklets are compared: sets for re-identification are cleaner
than a street, and a mean of clean crops is nearly the same through two cameras. So curves are
flatter than the set itself would give.
"""

from pathlib import Path

import numpy as np

from central.search.bands import Curve
from central.search.fitting import Labelled, fit, pairs_of, without_cameras
from models.evaluation.reid import embed_set
from models.evaluation.reid_data import read_reid
from models.roles import Embedder
from shared.classes import ObjectClass

_MOST = 2_000
_SEED = 0


def labelled_crops(embedder: Embedder, folder: Path, identities: str | None) -> Labelled:
    """At most 2,000 of the crops of a set, embedded.

    Raises:
        ConfigError: no such folder, or names that say no identity and camera.
    """
    crops = read_reid(folder, identities)
    vectors, _ = embed_set(embedder, crops)
    usable = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    chosen = np.random.default_rng(_SEED).permutation(usable)[:_MOST]
    return Labelled(
        vectors[chosen],
        np.array([crops.crops[place].identity for place in chosen]),
        np.array([crops.crops[place].camera for place in chosen]),
    )


def fitted(space: str, object_class: ObjectClass, crops: Labelled) -> str:
    """Both curves of a space, as `bands.toml` has them.

    Raises:
        ConfigError: too few pairs.
    """
    plain, centred = fit(pairs_of(crops)), fit(pairs_of(without_cameras(crops)))
    return "\n".join(
        _written(space, object_class, curve, centred=kind)
        for curve, kind in ((plain, False), (centred, True))
    )


def _written(space: str, object_class: ObjectClass, curve: Curve, *, centred: bool) -> str:
    numbers = "\n".join(f"{name} = {value:.3f}" for name, value in vars(curve).items())
    return (
        f'[[curves]]\nspace = "{space}"\nobject_class = "{object_class}"\n'
        f"centred = {str(centred).lower()}\n{numbers}\n"
    )
