from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.attributes.network_reader import NetworkAttributeReader
from models.attributes.reading import merge
from models.catalogue import load_catalogue
from models.catalogue_outputs import AttributesOutput
from models.errors import ModelError
from models.evaluation.market_attributes import read_market_attributes
from models.roles import AttributeReader, LoadOptions, load_attributes
from models.runtimes.port import Output, Tensor
from models.store import ModelStore
from shared.attributes import ATTRIBUTES, attributes_of, unknown_in
from shared.classes import ObjectClass
from shared.errors import ConfigError, PictureError
from shared.messages import Attribute, Sighting, decode, encode
from shared.pictures import Picture
from tests.factories import make_sighting

PERSON = "person-attributes-recognition-crossroad-0230"
VEHICLE = "vehicle-attributes-recognition-barrier-0039"
PEOPLE = 40
GREY = np.full((160, 80, 3), 120, dtype=np.uint8)


@dataclass
class Says:
    """A network that says `outputs` of everything."""

    outputs: Mapping[str, Output] = field(default_factory=dict)
    runtime: str = "none"
    device: str = "CPU"
    precision: str = "f32"

    def infer(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Output]:
        (tensor,) = inputs.values()
        assert tensor.ndim == 4
        return self.outputs


def reader_of(name: str, **outputs: list[float]) -> NetworkAttributeReader:
    entry = load_catalogue().entry(name)
    assert entry.attributes is not None
    said = {
        name: np.array(values, np.float32).reshape(1, -1, 1, 1) for name, values in outputs.items()
    }
    return NetworkAttributeReader(entry.input, entry.attributes, Says(said), "test")


def person(flags: list[float]) -> NetworkAttributeReader:
    return reader_of(PERSON, **{"453": flags, "456": [0.5, 0.3], "459": [0.5, 0.7]})


def test_every_attribute_of_the_catalogue_is_in_the_label_sets() -> None:
    outputs = [entry.attributes for entry in load_catalogue().models if entry.attributes]
    assert len(outputs) >= 2
    for output in outputs:
        named = {
            *(flag.attribute for flag in output.flags),
            *(choice.attribute for choice in output.choices),
            *output.colour_points,
        }
        assert named <= {each.name for each in attributes_of(output.object_class)}


def test_an_answer_is_as_sure_as_the_published_figures_allow() -> None:
    (sure,) = person([1, 1, 1, 1, 1, 1, 1, 1]).read([GREY])
    assert sure["gender"]["male"] == pytest.approx(0.91)
    assert sure["hat"]["yes"] == pytest.approx(0.64)
    (unsure,) = person([0, 0, 0, 0, 0, 0, 0, 0]).read([GREY])
    assert unsure["hat"]["no"] == pytest.approx(0.91)
    (none,) = person([0.5] * 8).read([GREY])
    assert none["backpack"] == {"yes": 0.5, "no": 0.5}
    assert max(sure["upper_colour"], key=lambda each: sure["upper_colour"][each]) == "grey"


def test_a_choice_is_weighed_by_what_it_is_mistaken_for() -> None:
    (reading,) = reader_of(VEHICLE, color=[1, 0, 0, 0, 0, 0, 0], type=[0, 1, 0, 0]).read([GREY])
    assert reading["vehicle_colour"]["white"] == pytest.approx(0.7, abs=0.03)
    assert reading["vehicle_colour"]["grey"] > 0.1
    assert reading["vehicle_type"]["bus"] > 0.95
    assert sum(reading["vehicle_type"].values()) == pytest.approx(1)


@pytest.mark.parametrize(
    "flags",
    [[float("nan")] * 8, [2.0] * 8, [-1.0] * 8, [0.5]],
    ids=["no number", "above one", "below zero", "too few"],
)
def test_what_is_no_probability_is_refused(flags: list[float]) -> None:
    with pytest.raises(ModelError, match=r"no probabilities|flags"):
        person(flags).read([GREY])


def test_a_point_that_is_no_place_is_refused() -> None:
    points = {"453": [0.5] * 8, "456": [float("nan"), 0.3], "459": [0.5, 0.7]}
    with pytest.raises(ModelError, match="looked for"):
        reader_of(PERSON, **points).read([GREY])


def test_a_choice_of_nothing_is_refused() -> None:
    with pytest.raises(ModelError, match="color"):
        reader_of(VEHICLE, color=[0] * 7, type=[1, 0, 0, 0]).read([GREY])


def test_a_crop_without_area_is_refused() -> None:
    with pytest.raises(PictureError, match="shape"):
        person([0.5] * 8).read([np.zeros((0, 5, 3), dtype=np.uint8)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"object_class": "person", "colour_points": {"mood": "1"}},
        {"object_class": "vehicle", "colour_points": {"upper_colour": "1"}},
        {"object_class": "person"},
    ],
    ids=["another attribute", "another class", "no outputs"],
)
def test_an_entry_that_says_what_no_label_set_has_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"label sets|name the outputs"):
        AttributesOutput.model_validate(wrong)


def test_only_readers_of_attributes_are_loaded_as_such(tmp_path: Path) -> None:
    options = LoadOptions(store=ModelStore(tmp_path))
    with pytest.raises(ModelError, match="a reader of attributes is needed"):
        load_attributes("osnet-x0-25", options)
    with pytest.raises(ModelError, match="no model"):
        load_attributes("nobody", options)
    assert load_attributes("clothing-colours", options).describe() == "clothing-colours@1"


@pytest.mark.parametrize("name", [PERSON, "clothing-colours", VEHICLE])
def test_what_is_read_goes_over_the_wire(name: str, readers: dict[str, AttributeReader]) -> None:
    reader = readers[name]
    said = merge(reader.read([GREY, GREY]), [0.2, 0.9])
    assert not unknown_in(reader.object_class, {name: each.value for name, each in said.items()})
    attributes = {
        name: Attribute(value=each.value, confidence=each.confidence) for name, each in said.items()
    }
    sent = make_sighting(
        np.random.default_rng(1), object_class=reader.object_class, attributes=attributes
    )
    received = decode(Sighting, encode(sent))
    assert {name: each.value for name, each in received.attributes.items()} == {
        name: each.value for name, each in said.items()
    }


@pytest.fixture(scope="module")
def readers(weights: ModelStore) -> dict[str, AttributeReader]:
    options = LoadOptions(store=weights)
    return {name: load_attributes(name, options) for name in (PERSON, VEHICLE, "clothing-colours")}


@pytest.fixture(scope="module")
def tracklets(shared_data: Path) -> dict[str, list[Picture]]:
    """Up to three crops of one camera of each of some people of Market-1501."""
    found: dict[str, list[Path]] = defaultdict(list)
    cameras: dict[str, str] = {}
    for path in sorted((shared_data / "reid_person/market_ids_first501").rglob("*.jpg")):
        person, camera = path.name.split("_")[:2]
        if cameras.setdefault(person, camera) == camera and len(found[person]) < 3:
            found[person].append(path)
    if len(found) < PEOPLE:
        pytest.skip(f"fewer than {PEOPLE} people of Market-1501 in the shared data")
    return {
        person: [np.asarray(cv2.imread(str(path)), dtype=np.uint8) for path in paths]
        for person, paths in list(found.items())[:PEOPLE]
    }


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> dict[str, dict[str, str]]:
    return read_market_attributes(shared_data / "reid_person/market_attribute.mat")


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "attribute", "least"),
    [
        (PERSON, "gender", 0.75),
        (PERSON, "backpack", 0.7),
        (PERSON, "hair_length", 0.7),
        (PERSON, "upper_colour", 0.45),
        ("clothing-colours", "upper_colour", 0.45),
        ("clothing-colours", "lower_colour", 0.4),
    ],
)
def test_real_people_are_read_mostly_right(
    readers: dict[str, AttributeReader],
    tracklets: dict[str, list[Picture]],
    truth: dict[str, dict[str, str]],
    name: str,
    attribute: str,
    least: float,
) -> None:
    told = [
        merge(readers[name].read(crops))[attribute].value == truth[person][attribute]
        for person, crops in tracklets.items()
        if attribute in truth[person]
    ]
    assert len(told) > PEOPLE / 2
    assert np.mean(told) >= least


def test_the_truth_about_market_is_in_the_words_of_the_label_sets(
    truth: dict[str, dict[str, str]],
) -> None:
    assert len(truth) == 1_501
    assert not [each for each in truth.values() if unknown_in(ObjectClass.PERSON, each)]
    assert {name for each in truth.values() for name in each} <= set(ATTRIBUTES)


def test_another_file_is_not_taken_for_the_marks(tmp_path: Path) -> None:
    other = tmp_path / "market_attribute.mat"
    other.write_text("not Matlab's")
    with pytest.raises(ConfigError, match="market_attribute"):
        read_market_attributes(other)
