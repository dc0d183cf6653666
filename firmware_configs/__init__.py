"""One folder a kind of box: profile, systemd unit, seed `box.toml`."""

from firmware_configs.profiles import list_profiles, load_profile
from firmware_configs.schema import Profile

__all__ = ["Profile", "list_profiles", "load_profile"]
