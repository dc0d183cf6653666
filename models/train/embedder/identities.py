"""Whose crop is whose, and who is held out: split by identity, never by picture."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.evaluation.reid_data import ReidCrop, ReidSet
from shared.errors import ConfigError


@dataclass(frozen=True)
class Split:
    """A set cut in two. No identity is in both."""

    train: ReidSet
    held_out: ReidSet


def split_by_identity(crops: ReidSet, held_out: Mapping[str, int]) -> Split:
    """Hold out so many identities of each kind.

    Which ones is decided by their names alone, so it is the same for every seed and machine.

    Args:
        crops: what there is.
        held_out: how many, by kind (see `kind_of`).

    Raises:
        ConfigError: there are not so many of a kind, or nobody would be left to train on.
    """
    by_kind: dict[str, list[str]] = defaultdict(list)
    for identity in crops.identities:
        by_kind[kind_of(identity)].append(identity)
    chosen: set[str] = set()
    for kind, count in held_out.items():
        if count > len(by_kind[kind]):
            raise ConfigError(
                f"{count} identities of kind {kind!r} to hold out, and there are "
                f"{len(by_kind[kind])}; is it the right folder?"
            )
        chosen.update(sorted(by_kind[kind], key=_order)[:count])
    left = set(crops.identities) - chosen
    if not left:
        raise ConfigError("everyone is held out: nobody is left to train on")
    return Split(part_of(crops, left), part_of(crops, chosen))


def kind_of(identity: str) -> str:
    """`car` of `car_0001`; of an identity that is only a number, the empty string."""
    kind, _, number = identity.rpartition("_")
    return kind if number else ""


def part_of(crops: ReidSet, identities: Collection[str]) -> ReidSet:
    """Only those of `crops` that show one of `identities`."""
    places = [place for place, crop in enumerate(crops.crops) if crop.identity in identities]
    new = {old: place for place, old in enumerate(places)}
    return ReidSet(
        tuple(crops.crops[place] for place in places),
        tuple(new[place] for place in crops.queries if place in new),
        tuple(new[place] for place in crops.gallery if place in new),
    )


def by_identity(crops: ReidSet) -> dict[str, list[ReidCrop]]:
    """The crops of each identity, in the order of their paths."""
    groups: dict[str, list[ReidCrop]] = defaultdict(list)
    for crop in crops.crops:
        groups[crop.identity].append(crop)
    return dict(groups)


def write_identities(identities: Collection[str], path: Path) -> None:
    """One on each line, as `dongseon models evaluate reid --identities` reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{identity}\n" for identity in sorted(identities)), encoding="utf-8")


def _order(identity: str) -> str:
    return hashlib.sha256(f"held out: {identity}".encode()).hexdigest()
