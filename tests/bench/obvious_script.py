"""The script one would write in an afternoon, to compare the agent with: one channel.

OpenCV reads the clip, ONNX Runtime (fp32) detects in every sampled frame, ByteTrack of PyPI's
`trackers` follows, every detection with a track is embedded, and goes out as JPEG and JSON over
MQTT. Its libraries are told to use one thread, which costs them least; score and rate are the
agent's, and the detector is any with YOLOX's output.

    python -m tests.bench.obvious_script CLIP DETECTOR.onnx:448x256 EMBEDDER.onnx:64x128 PORT
"""

import base64
import json
import resource
import sys
import time
from functools import cache
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
import paho.mqtt.client as mqtt
import supervision as sv
from paho.mqtt.enums import CallbackAPIVersion
from trackers import ByteTrackTracker

FPS = 5.0
SCORE = 0.35
NMS = 0.55
STRIDES = (8, 16, 32)


SIZES: dict[Any, tuple[int, int]] = {}
"""The input of each network, width and height."""


def session(named: str) -> Any:  # noqa: ANN401 - untyped library
    """The network of `PATH:WIDTHxHEIGHT`."""
    path, _, size = named.rpartition(":")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    made = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    width, height = size.split("x")
    SIZES[made] = int(width), int(height)
    return made


@cache
def grid(width: int, height: int) -> tuple[Any, Any]:
    cells, steps = [], []
    for stride in STRIDES:
        ys, xs = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack((xs.ravel(), ys.ravel()), axis=1))
        steps.append(np.full((xs.size, 1), stride))
    return np.concatenate(cells), np.concatenate(steps)


def detect(detector: Any, frame: Any) -> sv.Detections:  # noqa: ANN401
    port = detector.get_inputs()[0]
    width, height = SIZES[detector]
    cells, steps = grid(width, height)
    tensor = cv2.resize(frame, (width, height)).transpose(2, 0, 1)[None].astype(np.float32)
    rows = detector.run(None, {port.name: tensor})[0][0]
    labels = rows[:, 5:].argmax(axis=1)
    scores = rows[:, 4] * rows[np.arange(len(rows)), 5 + labels]
    keep = scores >= SCORE
    rows, labels, scores = rows[keep], labels[keep], scores[keep]
    centres = (rows[:, :2] + cells[keep]) * steps[keep]
    halves = np.exp(rows[:, 2:4]) * steps[keep] / 2
    scale = np.array([frame.shape[1] / width, frame.shape[0] / height] * 2)
    boxes = np.hstack((centres - halves, centres + halves)) * scale
    found = sv.Detections(xyxy=boxes, confidence=scores, class_id=labels)
    return found.with_nms(threshold=NMS)


def embed(embedder: Any, crop: Any) -> Any:  # noqa: ANN401
    port = embedder.get_inputs()[0]
    width, height = SIZES[embedder]
    tensor = cv2.resize(crop, (width, height)).transpose(2, 0, 1)[None].astype(np.float32)
    vector = embedder.run(None, {port.name: tensor})[0][0]
    return vector / np.linalg.norm(vector)


def main() -> None:
    clip, detector_path, embedder_path, port = sys.argv[1:]
    cv2.setNumThreads(1)
    detector, embedder = session(detector_path), session(embedder_path)
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", int(port))
    client.loop_start()
    tracker = ByteTrackTracker(frame_rate=FPS, track_activation_threshold=SCORE)
    detect(detector, np.zeros((1080, 1920, 3), dtype=np.uint8))
    began, cpu = time.monotonic(), time.process_time()
    video = cv2.VideoCapture(clip)
    rate = video.get(cv2.CAP_PROP_FPS)
    number = frames = messages = sent = 0
    while (read := video.read())[0]:
        frame = read[1]
        number += 1
        if (number - 1) % round(rate / FPS):
            continue
        frames += 1
        found = tracker.update(detect(detector, frame))
        for box, track in zip(found.xyxy, found.tracker_id, strict=True):
            left, top, right, bottom = np.clip(box, 0, [*frame.shape[1::-1]] * 2).astype(int)
            if track < 0 or right <= left or bottom <= top:
                continue
            crop = frame[top:bottom, left:right]
            jpeg = cv2.imencode(".jpg", crop)[1]
            message = {
                "track": int(track),
                "frame": number,
                "box": [float(side) for side in box],
                "embedding": [float(value) for value in embed(embedder, crop)],
                "jpeg": base64.b64encode(jpeg.tobytes()).decode(),
            }
            payload = json.dumps(message)
            client.publish("obvious/sightings", payload, qos=1)
            messages, sent = messages + 1, sent + len(payload)
    client.loop_stop()
    client.disconnect()
    cpu, seconds = time.process_time() - cpu, number / rate
    json.dump(
        {
            "stream_s": round(seconds, 1),
            "wall_s": round(time.monotonic() - began, 1),
            "cpu_s": round(cpu, 2),
            "cpu_per_stream_s": cpu / seconds,
            "frames": frames,
            "messages": messages,
            "bytes_per_message": round(sent / max(1, messages)),
            "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
