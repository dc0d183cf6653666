"""The city's broker, as shipped, lets a box write only below its own name."""

import queue
import random
import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from deploy.local.broker import Broker
from deploy.local.packages import ensure_programs
from deploy.local.process import Launcher
from deploy.local.server import Surroundings
from shared.topics import Lane, Topic
from tests.deploy.certificates import Authority, KeyPair
from tests.waiting import LONG_S

SHIPPED = Path(__file__).resolve().parents[2] / "deploy/broker"
CENTRE = "dongseon.centre"
UP = [
    Lane.SIGHTING,
    Lane.ALERT,
    Lane.CROP,
    Lane.TELEMETRY,
    Lane.STATE,
    Lane.REPORTED,
    Lane.REPLY,
]
DOWN = [Lane.ACK, Lane.DESIRED]
NOT_AUTHORISED = 135
SECONDS = LONG_S

pytestmark = pytest.mark.stack


class ProductionBroker(Broker):
    """The shipped configuration with this test's folder, port and certificates."""

    def _prepare(self, port: int) -> list[str]:
        argv = super()._prepare(port)
        text = (SHIPPED / "mosquitto.conf").read_text(encoding="utf-8")
        for shipped, ours in {
            "listener 8883": f"listener {port} {self.host}",
            "/etc/dongseon/broker": str(self.folder.parent / "etc"),
            "/var/lib/mosquitto": str(self.folder),
        }.items():
            assert shipped in text
            text = text.replace(shipped, ours)
        Path(argv[-1]).write_text(text, encoding="utf-8")
        return argv

    def _answers(self, seconds: float) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=seconds):
                return True
        except OSError:
            return False


class City(NamedTuple):
    """A running broker and those who may ask for certificates."""

    broker: Broker
    authority: Authority


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    home = Path(tempfile.mkdtemp(prefix="dongseon-broker-"))
    home.chmod(0o755)
    folder = home / "etc"
    folder.mkdir()
    authority = Authority(folder)
    server = authority.issue("server")
    shutil.copy(SHIPPED / "dongseon.acl", folder)
    ports = random.Random()  # noqa: S311 - ports are no secrets
    around = Surroundings(home, ensure_programs(), Launcher(), ports, outlive=False)
    broker = ProductionBroker(around)
    if broker.user_of_process:
        shutil.chown(server.key, broker.user_of_process)
    try:
        broker.start()
        yield City(broker, authority)
    finally:
        broker.stop()
        shutil.rmtree(home)


class Client:
    """One connected client; what arrives and how each of its messages was answered."""

    def __init__(self, city: City, pair: KeyPair | None) -> None:
        self.arrived: queue.Queue[str] = queue.Queue()
        self._answers: queue.Queue[ReasonCode] = queue.Queue()
        self._mqtt = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._mqtt.on_connect = lambda _c, _d, _f, reason, _p: self._answers.put(reason)
        self._mqtt.on_publish = lambda _c, _d, _m, reason, _p: self._answers.put(reason)
        self._mqtt.on_subscribe = lambda _c, _d, _m, reasons, _p: self._answers.put(reasons[0])
        self._mqtt.on_message = lambda _c, _d, message: self.arrived.put(message.topic)
        context = ssl.create_default_context(cafile=str(city.authority.certificate))
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        self._mqtt.tls_set_context(context)
        self._mqtt.connect(city.broker.host, city.broker.port)
        self._mqtt.loop_start()
        self._answers.get(timeout=SECONDS)

    def publish(self, topic: str) -> int:
        self._mqtt.publish(topic, b"x", qos=1)
        return self._answers.get(timeout=SECONDS).value

    def subscribe(self, pattern: str) -> None:
        self._mqtt.subscribe(pattern, qos=1)
        self._answers.get(timeout=SECONDS)

    def close(self) -> None:
        self._mqtt.disconnect()
        self._mqtt.loop_stop()


@pytest.fixture
def connect(city: City) -> Iterator[Callable[[str], Client]]:
    clients: list[Client] = []

    def make(name: str) -> Client:
        clients.append(Client(city, city.authority.issue(name)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def assert_not_let_in(city: City, pair: KeyPair | None) -> None:
    context = ssl.create_default_context(cafile=str(city.authority.certificate))
    if pair is not None:
        context.load_cert_chain(pair.certificate, pair.key)
    host, port = city.broker.host, city.broker.port
    with (
        socket.create_connection((host, port), timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
        # In TLS 1.3 a client hears only after its own handshake what the server thinks of it.
        pytest.raises(ssl.SSLError, match=r"(?i)certificate required|unknown ca"),
    ):
        connection.recv(1)


def test_a_box_writes_below_its_own_name(connect: Callable[[str], Client]) -> None:
    centre, box = connect(CENTRE), connect("box-1")
    for lane in UP:
        centre.subscribe(f"dongseon/1/+/{lane}")
    for lane in UP:
        assert box.publish(str(Topic("box-1", lane))) != NOT_AUTHORISED
        assert centre.arrived.get(timeout=SECONDS) == f"dongseon/1/box-1/{lane}"


def test_a_box_cannot_write_below_another_name(connect: Callable[[str], Client]) -> None:
    centre, box = connect(CENTRE), connect("box-1")
    centre.subscribe("dongseon/1/+/sighting")
    for lane in UP + DOWN:
        assert box.publish(f"dongseon/1/box-2/{lane}") == NOT_AUTHORISED
    assert box.publish("dongseon/1/box-2/cmd/restart") == NOT_AUTHORISED
    assert box.publish("elsewhere") == NOT_AUTHORISED

    box.publish("dongseon/1/box-1/sighting")
    assert centre.arrived.get(timeout=SECONDS) == "dongseon/1/box-1/sighting"
    assert centre.arrived.empty()


def test_a_box_cannot_answer_itself(connect: Callable[[str], Client]) -> None:
    box = connect("box-1")

    assert box.publish("dongseon/1/box-1/ack") == NOT_AUTHORISED
    assert box.publish("dongseon/1/box-1/cmd/restart") == NOT_AUTHORISED


def test_a_box_reads_only_what_is_meant_for_it(connect: Callable[[str], Client]) -> None:
    centre, box, other = connect(CENTRE), connect("box-1"), connect("box-2")
    for client in (box, other):
        client.subscribe("dongseon/1/#")
    for lane in ("ack", "desired", "cmd/restart"):
        assert centre.publish(f"dongseon/1/box-2/{lane}") != NOT_AUTHORISED
        assert other.arrived.get(timeout=SECONDS) == f"dongseon/1/box-2/{lane}"

    centre.publish("dongseon/1/box-1/ack")
    assert box.arrived.get(timeout=SECONDS) == "dongseon/1/box-1/ack"
    assert box.arrived.empty()


def test_the_centre_cannot_pose_as_a_box(connect: Callable[[str], Client]) -> None:
    assert connect(CENTRE).publish("dongseon/1/box-1/sighting") == NOT_AUTHORISED


def test_who_has_no_certificate_is_not_let_in(city: City) -> None:
    assert_not_let_in(city, None)


def test_a_certificate_of_another_authority_is_not_let_in(city: City, tmp_path: Path) -> None:
    assert_not_let_in(city, Authority(tmp_path, "other").issue("box-1"))
