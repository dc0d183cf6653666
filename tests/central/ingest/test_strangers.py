import numpy as np
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from central.ingest.metrics import IngestMetrics
from central.ingest.strangers import Strangers
from shared.classes import ObjectClass
from shared.messages import Attribute
from tests.factories import make_sighting

RNG = np.random.default_rng(3)


def test_an_unknown_attribute_is_counted_each_time_and_told_once_a_box() -> None:
    registry = CollectorRegistry()
    strangers = Strangers(IngestMetrics(registry).unknown_attributes)
    known = Attribute(value="red", confidence=0.5)
    newer = Attribute(value="long", confidence=0.5)
    with capture_logs() as logs:
        for box in ("box-1", "box-1", "box-2"):
            attributes = {"upper_colour": known, "sleeves": newer}
            strangers.note(box, make_sighting(RNG, attributes=attributes))
    assert registry.get_sample_value("dongseon_ingest_unknown_attributes_total") == 3
    assert [(log["box"], log["attribute"]) for log in logs] == [
        ("box-1", "sleeves"),
        ("box-2", "sleeves"),
    ]


def test_an_attribute_of_another_class_is_unknown() -> None:
    registry = CollectorRegistry()
    strangers = Strangers(IngestMetrics(registry).unknown_attributes)
    strangers.note("box-1", make_sighting(RNG, object_class=ObjectClass.VEHICLE))
    assert registry.get_sample_value("dongseon_ingest_unknown_attributes_total") == 1
