"""A clip begun anew again and again, its packets as they are: long clips that cost no encoding."""

from pathlib import Path

import av


def repeated(clip: Path, times: int) -> Path:
    """The path of `clip`, `times` in a row; made once, beside it."""
    path = clip.with_name(f"{clip.stem}-times-{times}.mp4")
    if path.is_file():
        return path
    draft = path.with_suffix(".draft.mp4")
    with av.open(str(draft), "w") as target:
        stream, offset = None, 0
        for _ in range(times):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                stream = stream or target.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.dts, packet.pts = packet.dts + offset, packet.pts + offset
                    packet.stream = stream
                    target.mux(packet)
                offset += video.duration or 0
    draft.replace(path)
    return path
