"""The examples in docs/api.md are run as they stand, against a served centre."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.pictures import encode_webp
from tests.central.asking import Centre
from tests.waiting import LONG_S

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "api.md"
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# These need a box, or are of the command line, which has tests of its own.
ELSEWHERE = ("CLIP", "snapshots", "cctv.csv", "dongseon central", "crop/wanted")


def commands() -> list[str]:
    """Every command, with the lines that it is continued on."""
    lines = "".join(SHELL.findall(DOCUMENT.read_text(encoding="utf-8"))).splitlines()
    found: list[str] = []
    for line in lines:
        if line.startswith("    "):
            found[-1] += f"\n{line}"
        elif line and not line.startswith("#"):
            found.append(line)
    return [each for each in found if not any(part in each for part in ELSEWHERE)]


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="no curl or no jq")
def test_every_example_is_answered(centre: Centre, tmp_path: Path) -> None:
    for number in range(3):
        centre.sighting("cam-2", number, plate="12가3456")
    centre.follow()
    picture = encode_webp(centre.rng.integers(0, 255, (240, 320, 3)).astype("uint8"))
    (tmp_path / "crop.webp").write_bytes(picture)
    url = f"{centre.client.base_url}".rstrip("/") + "/api/v1"
    told = tmp_path / "told"
    # Each command runs as it stands, but for where the centre is, and that curl fails aloud.
    script = ["set -e", 'curl() { command curl --fail-with-body --show-error "$@"; }']
    for command in commands():
        plain = command.replace("API=http://127.0.0.1:8480/api/v1", f"API={url}")
        script += [f"cat > {told} <<'TOLD'\n{plain}\nTOLD", plain]
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", "\n".join(script)],
        cwd=tmp_path,
        capture_output=True,
        timeout=5 * LONG_S,
        check=False,
    )
    last = told.read_text(encoding="utf-8") if told.exists() else ""
    assert done.returncode == 0, (last, done.stdout[-500:].decode(), done.stderr[-500:].decode())
    assert len(commands()) > 20
