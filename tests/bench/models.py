"""What each model costs on this machine, on a real picture: `make bench-models`.

`dongseon models bench` with a frame of vtest.avi and weights from the mirror. JSON goes to standard
output, a table for people to standard error.
"""

import itertools
import json
import os
import sys
import tempfile
from pathlib import Path

import av
import cv2
from rich.console import Console

from deploy.clips import find_vtest
from models.bench.cases import Wish
from models.bench.report import show
from models.bench.run import run_bench
from models.sources import find_mirror
from models.store import ModelStore
from shared.errors import DongseonError

_FRAME = 300
_SECONDS = 2.0


def main() -> None:
    """Measure every model of the catalogue, print the figures."""
    store = ModelStore()
    mirror = find_mirror(None, os.environ)
    for entry in store.catalogue.models:
        store.pull(entry.name, mirror)
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "frame.png"
        _write_frame(find_vtest(), picture)
        measured = run_bench(store, Wish(batches=(1, 8), picture=picture), _SECONDS)
    show(measured, Console(stderr=True))
    json.dump(measured.as_json(), sys.stdout, indent=1)


def _write_frame(clip: Path, path: Path) -> None:
    with av.open(str(clip)) as opened:
        frame = next(itertools.islice(opened.decode(video=0), _FRAME, None))
        cv2.imwrite(str(path), frame.to_ndarray(format="bgr24"))


if __name__ == "__main__":
    try:
        main()
    except DongseonError as error:
        sys.exit(f"error: {error}")
