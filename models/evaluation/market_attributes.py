"""The attributes of Market-1501's identities, in this project's words.

Lin et al., Improving Person Re-identification by Attribute and Identity Learning, Pattern
Recognition 95, 2019: 27 attributes of each identity, as Matlab's `market_attribute.mat`, where 1
means no and 2 yes unless said otherwise. Sleeves, age and kind of clothing have no counterpart
here. A colour counts where exactly one is marked: else it is another, or several.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.attributes import ATTRIBUTES
from shared.errors import ConfigError, DependencyMissing

_PARTS = ("train", "test")
_NO, _YES = 1, 2
_VALUES: Mapping[str, tuple[str, Mapping[int, str]]] = {
    "gender": ("gender", {_NO: "male", _YES: "female"}),
    "hair": ("hair_length", {_NO: "short", _YES: "long"}),
    "hat": ("hat", {_NO: "no", _YES: "yes"}),
    "backpack": ("backpack", {_NO: "no", _YES: "yes"}),
    "down": ("lower_length", {_NO: "long", _YES: "short"}),
}
# Our bag is any that is not on the back: theirs on the shoulder and theirs in the hand.
_BAGS = ("bag", "handbag")
_COLOURS = {"up": "upper_colour", "down": "lower_colour"}
_SPELT = {"grey": "gray"}


def read_market_attributes(path: Path) -> dict[str, dict[str, str]]:
    """Each identity's values by attribute, as `shared.attributes` names them.

    Args:
        path: `market_attribute.mat`.

    Raises:
        ConfigError: it is not that file.
        DependencyMissing: scipy is not installed.
    """
    try:
        from scipy.io import loadmat  # noqa: PLC0415 - boxes do not have it
        from scipy.io.matlab import MatReadError  # noqa: PLC0415
    except ImportError as error:
        raise DependencyMissing(
            "reading .mat files needs scipy: pip install dongseon[evaluate]"
        ) from error
    try:
        content = loadmat(path, squeeze_me=True, simplify_cells=True)["market_attribute"]
        return {
            identity: values
            for part in _PARTS
            for identity, values in _identities(content[part]).items()
        }
    except (OSError, ValueError, KeyError, IndexError, MatReadError) as error:
        raise ConfigError(
            f"{path}: not Market-1501's market_attribute.mat ({type(error).__name__}: {error})"
        ) from error


def _identities(part: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    columns = {name: column for name, column in part.items() if name != "image_index"}
    return {
        str(identity): _in_our_words({name: int(column[at]) for name, column in columns.items()})
        for at, identity in enumerate(part["image_index"])
    }


def _in_our_words(marked: Mapping[str, int]) -> dict[str, str]:
    values = {name: words[marked[theirs]] for theirs, (name, words) in _VALUES.items()}
    values["bag"] = "yes" if any(marked[bag] == _YES for bag in _BAGS) else "no"
    for prefix, name in _COLOURS.items():
        found = [
            colour
            for colour in ATTRIBUTES[name].values
            if marked.get(prefix + _SPELT.get(colour, colour)) == _YES
        ]
        if len(found) == 1:
            values[name] = found[0]
    return values
