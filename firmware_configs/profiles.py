"""The profiles that come with the project."""

from pathlib import Path

from firmware_configs.schema import Profile
from shared.errors import ConfigError
from shared.settings import load_toml

FOLDER = Path(__file__).parent


def list_profiles() -> list[str]:
    """The kinds of box there is a profile for, by name."""
    return sorted(path.parent.name for path in FOLDER.glob("*/profile.toml"))


def load_profile(name: str) -> Profile:
    """The profile `name`, or `name/variant`.

    Raises:
        ConfigError: no such profile or variant (the message lists those there are), or its file
            is wrong.
    """
    kind, _, variant = name.partition("/")
    if kind not in list_profiles():
        raise ConfigError(f"no profile {kind!r}; there are: {', '.join(list_profiles())}")
    profile = load_toml(Profile, FOLDER / kind / "profile.toml")
    if not variant:
        return profile
    if variant not in profile.variants:
        known = ", ".join(sorted(profile.variants)) or "none"
        raise ConfigError(f"profile {kind} has no variant {variant!r}; it has: {known}")
    return profile.with_variant(variant)
