"""A folder of pictures as a source."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from edge_agent.source.frame import Frame, SourceError, SourceOptions, SourceStats
from edge_agent.source.image import FrameImage
from edge_agent.source.wall import ClipTime
from shared.errors import PictureError
from shared.pictures import UPLOAD_CAPS, Picture, decode_picture

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


class FolderSource:
    """The pictures of a folder in the order of their names, `fps` to a second.

    Pictures over the caps or damaged are counted and left out.
    """

    def __init__(self, folder: Path, options: SourceOptions) -> None:
        self._folder = folder
        self._options = options
        self.finite = not options.loop
        self.stats = SourceStats()

    def frames(self, stop: Event) -> Iterator[Frame]:
        """The chosen frames, until the folder ends or `stop` is set.

        Raises:
            SourceError: the folder holds no picture that can be decoded.
            ConfigError: the crop rectangle is not inside a picture.
        """
        paths = self._paths()
        self.stats.total = None if self._options.loop else len(paths)
        time = ClipTime(
            self._options.clock, self._options.starts_at_ms, realtime=self._options.realtime
        )
        number, size = 0, None
        while True:
            for path in paths:
                position_s = number / self._options.fps
                number += 1
                if not time.due(position_s, stop):
                    return
                picture = self._read(path)
                if picture is None or not self._options.sampler.wants(position_s):
                    continue
                cut = size is not None and (picture.shape != size or path == paths[0])
                size = picture.shape
                yield self._frame(picture, position_s, time, cut=cut)
            if not self.stats.decoded:
                raise SourceError(
                    f"{self._options.name}: none of the {len(paths)} pictures in {self._folder} "
                    "can be decoded; put JPEG, PNG or WebP files there"
                )
            if not self._options.loop:
                return

    def _paths(self) -> list[Path]:
        try:
            paths = sorted(p for p in self._folder.iterdir() if p.suffix.lower() in SUFFIXES)
        except OSError as error:
            raise SourceError(
                f"{self._options.name}: {self._folder} cannot be listed: {error}"
            ) from error
        if not paths:
            raise SourceError(
                f"{self._options.name}: {self._folder} holds no {', '.join(sorted(SUFFIXES))} file"
            )
        return paths

    def _read(self, path: Path) -> Picture | None:
        try:
            # One byte over the cap is enough for the decoder to refuse it.
            with path.open("rb") as file:
                picture = decode_picture(file.read(UPLOAD_CAPS.max_bytes + 1), UPLOAD_CAPS)
        except (OSError, PictureError):
            self.stats.damaged += 1
            return None
        self.stats.decoded += 1
        return picture

    def _frame(self, picture: Picture, position_s: float, time: ClipTime, *, cut: bool) -> Frame:
        height, width = picture.shape[:2]
        left = top = 0
        if self._options.crop is not None:
            left, top, right, bottom = self._options.crop.checked(width, height, self._options.name)
            picture = picture[top:bottom, left:right]
        captured_ms = time.captured_ms(position_s)
        image = FrameImage.of(picture)
        return Frame(image, captured_ms, position_s, width, height, left, top, cut)
