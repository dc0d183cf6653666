"""The plain consumer that `make bench-ingest` compares with: as durable, one message at a time.

What a first version looks like: paho's loop, one INSERT and COMMIT a sighting, its crop a file,
one upsert into the vector index, then the answer and the acknowledgement.

Arguments: database URL, data directory, broker host and port. Says a line when it listens.
"""

import os
import sys
from pathlib import Path
from uuid import UUID

import numpy as np
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions
from sqlalchemy import insert, select

from central.days import day_of
from central.db.engine import make_engine
from central.db.partitions import ensure_partitions
from central.db.tables import cameras, sightings
from central.index.port import IndexPoint
from central.index.qdrant_edge import QdrantEdgeIndex
from shared.clock import SystemClock, to_datetime
from shared.messages import Ack, Sighting, decode, encode
from shared.outbox_id import OutboxId
from shared.topics import Lane, Topic, every_box, parse_topic


class NaiveConsumer:
    """Everything for one message, then the next."""

    def __init__(self, url: str, data: Path) -> None:
        self._engine = make_engine(url)
        self._index = QdrantEdgeIndex(data / "index")
        self._crops = data / "crops"
        self._crops.mkdir()
        ensure_partitions(self._engine, [day_of(SystemClock().now_ms())], SystemClock().now_ms())
        self._known: set[str] = set()

    def on_message(self, client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        """Keep one sighting, and say so."""
        sighting = decode(Sighting, bytes(message.payload))
        box = parse_topic(message.topic).box
        pairs = getattr(message.properties, "UserProperty", [])
        outbox = OutboxId.parse(dict(pairs)["outbox"])
        self._keep_crop(sighting)
        with self._engine.begin() as connection:
            if sighting.camera not in self._known:
                query = select(cameras.c.id).where(cameras.c.id == sighting.camera)
                if connection.execute(query).one_or_none() is None:
                    connection.execute(
                        insert(cameras).values(id=sighting.camera, name=sighting.camera, box=box)
                    )
                self._known.add(sighting.camera)
            connection.execute(insert(sightings).values(_row(sighting, box)))
        point = IndexPoint(
            id=sighting.id,
            day=day_of(sighting.first_seen_ms),
            space=sighting.embedding.space,
            camera=sighting.camera,
            object_class=sighting.object_class.value,
            first_seen_ms=sighting.first_seen_ms,
            last_seen_ms=sighting.last_seen_ms,
            vector=np.frombuffer(sighting.embedding.values, np.int8),
        )
        self._index.upsert([point])
        answer = encode(Ack(epoch=outbox.epoch, accepted=[outbox.seq]))
        client.publish(str(Topic(box, Lane.ACK)), answer, qos=1)
        client.ack(message.mid, message.qos)

    def _keep_crop(self, sighting: Sighting) -> None:
        if sighting.crop is not None:
            with (self._crops / f"{sighting.id}.webp").open("wb") as file:
                file.write(sighting.crop.data)
                file.flush()
                os.fsync(file.fileno())


def _row(sighting: Sighting, box: str) -> dict[str, object]:
    crop = sighting.crop
    values = sighting.model_dump(
        include={
            *("revision", "ended", "channel", "camera", "frame_width", "frame_height"),
            *("confidence", "quality", "detections", "crops_used", "attributes", "models"),
        }
    )
    return values | {
        "day": day_of(sighting.first_seen_ms),
        "id": UUID(bytes=sighting.id.bytes),
        "box": box,
        "object_class": sighting.object_class.value,
        "first_seen": to_datetime(sighting.first_seen_ms),
        "last_seen": to_datetime(sighting.last_seen_ms),
        "shot": to_datetime(sighting.shot_ms),
        "rect": list(sighting.box),
        "first_rect": list(sighting.first_box),
        "last_rect": list(sighting.last_box),
        "space": sighting.embedding.space,
        "vector_scale": sighting.embedding.scale,
        "vector": sighting.embedding.values,
        "crop_width": crop.width if crop else 0,
        "crop_height": crop.height if crop else 0,
        "crop_bytes": len(crop.data) if crop else 0,
        "message_bytes": 0,
    }


def main() -> None:
    """Consume until killed."""
    url, data, host, port = sys.argv[1:]
    consumer = NaiveConsumer(url, Path(data))
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id="naive", protocol=mqtt.MQTTv5, manual_ack=True
    )
    client.on_message = consumer.on_message
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    # paho writes only after it has read what is there: with more in flight, answers wait for ever.
    properties.ReceiveMaximum = 20
    client.max_inflight_messages_set(0)
    client.connect(host, int(port), properties=properties)
    client.subscribe([(every_box(Lane.SIGHTING), SubscribeOptions(qos=1))])
    client.on_subscribe = _say_so
    client.loop_forever()


def _say_so(*_: object) -> None:
    sys.stdout.write("listens\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
