"""The motion gate's knobs."""

from dataclasses import dataclass

from edge_agent.config import GateSettings, TrackletSettings


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What turning each knob does. Times are seconds of the source.

    Args:
        object_width: the smallest object to wake for, pixels of the channel's area: half of the
            size rule's, so that it is followed before it is large enough to be sent. Smaller sees
            smaller things move, and costs more luma.
        object_height: the same for the height.
        keyframes: whether a quiet channel is decoded by key frames only. Off costs most of the
            gain; on relies on packet sizes and key frames to wake.
        linger_s: how long every frame is looked at after something moved. Longer bridges short
            stands at full rate; shorter saves, down to what the tracker needs to settle.
        confirm_s: how long detections that come and go, though nothing moves, are looked at.
        anyway_s: a frame is looked at this often whatever the gate says: what it may miss is
            missed no longer than this. Shorter is safer, and costs one detection each time.
        quiet_s: how long nothing must have moved before only key frames are decoded.
        warm_s: how long every frame is looked at after the start, while the background is learnt.
        floor: luma levels (of 255) that a pixel must differ from the background by, at least.
            Lower sees greyer clothes in worse light, and more noise.
        noise: the same in standard deviations of the noise, of the frame and of the pixel.
        ceiling: the same, at most: a pixel never becomes blind, however much it flickers.
        filled: the part of the smallest object's box that must have changed. Lower sees legs
            behind a hedge, and leaves.
        global_share: when more of the picture than this changed at once it is not motion but
            lightning, a switch to infrared, a turned or shaken camera: it is looked at, and if it
            stays, learnt as the new background.
        settle_s: how long it must stay for that.
        absorb_s: how long something new must stand still to become background.
        fade_s: time constant at which the background follows slow light.
        fruitless_s: how long motion at a place must have been looked at without finding anything
            there before it is taken for leaves, water or a flag.
        doubt_s: how often motion at such a place is looked at all the same.
    """

    object_width: float = 32.0
    object_height: float = 64.0
    keyframes: bool = True
    linger_s: float = 1.0
    confirm_s: float = 2.0
    anyway_s: float = 5.0
    quiet_s: float = 10.0
    warm_s: float = 3.0
    floor: float = 5.0
    noise: float = 5.0
    ceiling: float = 20.0
    filled: float = 0.25
    global_share: float = 0.5
    settle_s: float = 2.0
    absorb_s: float = 4.0
    fade_s: float = 8.0
    fruitless_s: float = 10.0
    doubt_s: float = 2.0

    @classmethod
    def of(cls, settings: GateSettings, tracklet: TrackletSettings) -> "GatePolicy":
        """The policy with what `[gate]` and the size rule say."""
        return cls(
            object_width=tracklet.min_width / 2,
            object_height=tracklet.min_height / 2,
            keyframes=settings.keyframes,
            anyway_s=settings.anyway_s,
            quiet_s=settings.quiet_s,
            floor=settings.floor,
        )
