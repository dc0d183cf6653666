import subprocess
from pathlib import Path
from shutil import which

import pytest

from edge_agent.config import load_config
from firmware_configs import list_profiles, load_profile
from firmware_configs.profiles import FOLDER
from models.attributes.colour_reader import COLOUR_READERS
from models.catalogue import load_catalogue
from shared.errors import ConfigError

UNIT = "dongseon-edge.service"

# Promises something of the program that it does not do.
NOT_DONE = ("MemoryDenyWriteExecute=yes",)


def test_the_first_two_kinds_of_box_are_there() -> None:
    assert {"generic-x86_64", "intel-n100"} <= set(list_profiles())


@pytest.mark.parametrize("name", ["raspberry", "", "../tests", "intel-n100x"])
def test_an_unknown_profile_lists_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError, match="generic-x86_64, intel-n100"):
        load_profile(name)


def test_an_unknown_variant_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="lte, narrow"):
        load_profile("intel-n100/5g")


@pytest.mark.parametrize("name", list_profiles())
def test_what_nobody_measured_says_so(name: str) -> None:
    measured = load_profile(name).measured
    assert measured
    assert all(figure.value == "untested" or figure.how for figure in measured)


@pytest.mark.parametrize("name", list_profiles())
def test_a_box_of_a_profile_needs_no_download(name: str) -> None:
    for role, chosen in load_config(FOLDER / name / "box.toml").models.roles.items():
        if chosen.name not in COLOUR_READERS:
            assert load_catalogue().entry(chosen.name).shipped, role


@pytest.mark.parametrize("name", list_profiles())
def test_variants_are_thriftier(name: str) -> None:
    normal = load_profile(name)
    assert normal.variants
    for variant in normal.variants:
        thrifty = load_profile(f"{name}/{variant}")
        assert thrifty.uplink.kbit_per_s is not None
        assert thrifty.uplink.profile == "thrifty"
        assert thrifty.fps <= normal.fps


@pytest.mark.parametrize("name", list_profiles())
def test_the_seed_is_a_valid_configuration_of_its_profile(name: str) -> None:
    settings = load_config(FOLDER / name / "box.toml")
    assert settings.box.profile == name
    assert settings.uplink.broker_port == 8883


@pytest.mark.parametrize("name", list_profiles())
def test_the_unit_is_one_to_systemd_and_promises_nothing_else(name: str, tmp_path: Path) -> None:
    text = (FOLDER / name / UNIT).read_text()
    assert not [promise for promise in NOT_DONE if promise in text]
    assert "NoNewPrivileges=yes" in text
    if which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    here = tmp_path / UNIT
    here.write_text(text.replace("/opt/dongseon/.venv/bin/dongseon", "/bin/true"))
    said = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")
