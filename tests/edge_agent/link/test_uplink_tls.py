"""The uplink against a city's broker as shipped: TLS, certificates, access list."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink import Uplink
from shared.errors import ConfigError
from shared.topics import Lane
from tests.deploy.test_production_broker import CENTRE, City
from tests.deploy.test_production_broker import city as city  # noqa: PLC0414 - the fixture
from tests.edge_agent.link.centre import TinyCentre
from tests.edge_agent.link.uplinks import CLOCK, fill, running, settings, wait_until_empty
from tests.waiting import LONG_S, wait_until

pytestmark = pytest.mark.stack


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path, 4 * 1024 * 1024, CLOCK) as opened:
        yield opened


@pytest.fixture
def centre(city: City) -> Iterator[TinyCentre]:
    pair = city.authority.issue(CENTRE)
    context = ssl.create_default_context(cafile=str(city.authority.certificate))
    context.load_cert_chain(pair.certificate, pair.key)
    with TinyCentre(city.broker.host, city.broker.port, context) as running_centre:
        yield running_centre


def settings_of(city: City, certificate: str, **others: float) -> UplinkSettings:
    pair = city.authority.issue(certificate)
    tls = {"ca": city.authority.certificate, "cert": pair.certificate, "key": pair.key}
    plain = settings(city.broker.host, city.broker.port, **others)
    return UplinkSettings.model_validate({**plain.model_dump(), "tls": tls})


def test_rows_and_acks_pass_through_tls(city: City, centre: TinyCentre, outbox: Outbox) -> None:
    payloads = fill(outbox, 60, size=20_000)
    patient = settings_of(city, "box-tls", ack_silence_s=LONG_S, keepalive_s=60)
    with running("box-tls", outbox, patient) as uplink:
        wait_until_empty(outbox)
        assert uplink.status().connections == 1
    assert set(centre.rows.values()) == payloads


def test_a_box_under_anothers_name_delivers_nothing_and_keeps_everything(
    city: City, centre: TinyCentre, outbox: Outbox
) -> None:
    outbox.append(Lane.SIGHTING, b"not mine to say")
    with running("box-mine", outbox, settings_of(city, "box-other")) as uplink:
        wait_until(lambda: uplink.status().connections >= 2)
        assert outbox.count().rows == 1
    assert centre.rows == {}


def test_a_certificate_that_is_not_there_is_said_at_the_start(
    city: City, outbox: Outbox, tmp_path: Path
) -> None:
    chosen = settings_of(city, "box-tls")
    assert chosen.tls is not None
    missing = chosen.tls.model_copy(update={"key": tmp_path / "nowhere.key"})
    with (
        pytest.raises(ConfigError, match=r"nowhere\.key"),
        running("box-tls", outbox, chosen.model_copy(update={"tls": missing})) as uplink,
    ):
        assert isinstance(uplink, Uplink)
