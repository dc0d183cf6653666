"""A camera: GStreamer's RTSP server, run by the system's own Python, which has its bindings.

`python3 server.py SETTINGS` where SETTINGS is JSON: `address`, `port`, and `mounts`, by path:
`clip` (a file as `tests.rtsp.clips` writes it, played in real time and over again), `user` and
`password`, `scheme` (`digest` or `basic`). It prints a line when it serves. Each line of standard
input is JSON as well, and changes what every mount does from now on: `shift_s` (0 at first, never
less) moves its time stamps, `mute` sends no frame.
"""

import json
import struct
import sys
import threading
import time
from collections.abc import Iterator

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - versions come first

CAPS = "video/x-h264,stream-format=byte-stream,alignment=au"
# A process that was stopped goes on with the present, as a camera does.
LONGEST_DELAY_S = 0.5
RECORD = struct.Struct(">ddI")

faults = {"shift_s": 0.0, "mute": False}


def units(path: str) -> Iterator[tuple[float, float, bytes]]:
    """The access units of a clip: decoding time, presentation time, seconds, and bytes."""
    with open(path, "rb") as file:  # noqa: PTH123 - as short as the rest
        while head := file.read(RECORD.size):
            dts, pts, size = RECORD.unpack(head)
            yield dts, pts, file.read(size)


class Feeder(threading.Thread):
    """Pushes a clip into a media's pipeline in real time, until the pipeline takes no more."""

    def __init__(self, clip: str, bin_: Gst.Bin) -> None:
        super().__init__(daemon=True)
        self.clip = list(units(clip))
        self.length_s = self.clip[-1][0] + self.clip[1][0] - self.clip[0][0]
        self.source = bin_.get_by_name("camera")
        self.pipeline = bin_.get_parent()

    def run(self) -> None:
        began, position = time.monotonic(), 0.0
        while True:
            for dts, pts, data in self.clip:
                ahead = began + position + dts - time.monotonic()
                if ahead < -LONGEST_DELAY_S:
                    began -= ahead
                time.sleep(max(0.0, ahead))
                if not faults["mute"] and not self.push(position + pts, data):
                    return
            position += self.length_s

    def push(self, pts: float, data: bytes) -> bool:
        self.unclock()
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = round((pts + faults["shift_s"]) * Gst.SECOND)
        return bool(self.source.emit("push-buffer", buffer) == Gst.FlowReturn.OK)

    def unclock(self) -> None:
        """Let frames leave when they are pushed, whatever their time stamps say.

        The server turns that off at each PLAY.
        """
        sinks = self.pipeline.iterate_sinks()
        while (found := sinks.next())[0] == Gst.IteratorResult.OK:
            found[1].set_property("sync", False)


def configure(_factory: object, media: GstRtspServer.RTSPMedia, clip: str) -> None:
    feeder = Feeder(clip, media.get_element())

    def begin(_source: object, _length: int) -> None:
        # It takes nothing before it asks; it asks again whenever it has run out.
        feeder.source.disconnect(asked)
        feeder.start()

    asked = feeder.source.connect("need-data", begin)


def factory_of(mount: dict[str, str]) -> GstRtspServer.RTSPMediaFactory:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( appsrc name=camera is-live=true format=time caps={CAPS} "
        "! rtph264pay name=pay0 pt=96 config-interval=-1 )"
    )
    factory.set_shared(True)
    factory.connect("media-configure", configure, mount["clip"])
    return factory


def protect(
    auth: GstRtspServer.RTSPAuth,
    factory: GstRtspServer.RTSPMediaFactory,
    mount: dict[str, str],
) -> None:
    """Let only the mount's user in."""
    user, password = mount["user"], mount["password"]
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", user)
    if mount.get("scheme") == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    permissions = GstRtspServer.RTSPPermissions()
    for what in ("access", "construct"):
        permissions.add_permission_for_role(user, f"media.factory.{what}", True)
    factory.set_permissions(permissions)


def listen() -> None:
    """Take orders until nobody is left to give them."""
    for line in sys.stdin:
        faults.update(json.loads(line))
    loop.quit()


settings = json.loads(sys.argv[1])
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address(settings["address"])
server.set_service(str(settings["port"]))
for path, mount in settings["mounts"].items():
    factory = factory_of(mount)
    if "user" in mount:
        auth = server.get_auth() or GstRtspServer.RTSPAuth()
        protect(auth, factory, mount)
        server.set_auth(auth)
    server.get_mount_points().add_factory(path, factory)
if not server.attach(None):
    sys.exit(f"{settings['address']}:{settings['port']} is taken")
loop = GLib.MainLoop()
threading.Thread(target=listen, daemon=True).start()
print(server.get_bound_port(), flush=True)  # noqa: T201 - tells that it serves
loop.run()
