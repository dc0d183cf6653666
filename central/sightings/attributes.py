"""Sightings by what they show in words: the filter, checked against the label sets, and its SQL."""

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field
from sqlalchemy import REAL, ColumnElement, Text, and_, cast, func
from sqlalchemy.dialects.postgresql import ARRAY
from typing_extensions import TypedDict

from central.db.tables import sightings
from central.values import Model
from shared.attributes import ATTRIBUTES, Label, LabelSet
from shared.classes import ObjectClass


class AttributeSaid(TypedDict):
    """One attribute as the box read it. `confidence`: how likely it is to be right, 0 to 1."""

    value: str
    confidence: float


class AttributeFilter(NamedTuple):
    """Each attribute with the values it may have, and how likely each must be right, 0 to 1."""

    wanted: Mapping[str, Collection[str]] = {}
    least: float = 0.0

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter for a WHERE."""
        return [_fits(name, values, self.least) for name, values in self.wanted.items()]


class Names(Model):
    """The same in Korean and in English."""

    ko: str
    en: str


class ValueAnswer(Model):
    """One value an attribute may have, and other words that people use for it."""

    value: str
    names: Names
    also: tuple[str, ...]


class AttributeAnswer(Model):
    """One attribute of one class of object."""

    name: str
    object_class: ObjectClass
    names: Names
    also: tuple[str, ...]
    values: list[ValueAnswer]


class Attributes(Model):
    """Every attribute, in the order people read them."""

    items: list[AttributeAnswer]


def _known(wanted: dict[str, list[str]]) -> dict[str, list[str]]:
    for name, values in wanted.items():
        labels = ATTRIBUTES.get(name)
        if labels is None:
            raise ValueError(f"no attribute {name[:64]!r}; there is {', '.join(ATTRIBUTES)}")
        for value in values:
            if value not in labels.values:
                raise ValueError(
                    f"{name} cannot be {value[:64]!r}; it is one of {', '.join(labels.values)}"
                )
    return wanted


Wanted = Annotated[
    dict[str, Annotated[list[str], Field(min_length=1)]],
    AfterValidator(_known),
    Field(
        max_length=len(ATTRIBUTES),
        description="attribute to the values it may have; all attributes must fit",
        examples=[{"upper_colour": ["red", "pink"], "backpack": ["yes"]}],
    ),
]
LeastConfidence = Annotated[
    float, Field(ge=0, le=1, description="how likely each of the attributes must be right")
]


def read_pairs(pairs: Iterable[str]) -> dict[str, list[str]]:
    """`name=value`, as an address line has them, as the filter of a body.

    Raises:
        ValueError: a pair is none, or its attribute or value is not in the label sets.
    """
    wanted: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"write {pair[:64]!r} as name=value, e.g. upper_colour=red")
        wanted.setdefault(name, []).append(value)
    return _known(wanted)


def all_attributes() -> Attributes:
    """The label sets as the API gives them."""
    return Attributes(items=[_answer(each) for each in ATTRIBUTES.values()])


def _fits(name: str, values: Collection[str], least: float) -> ColumnElement[bool]:
    # As the index has them. Whoever has one of the pairs has the attribute, with its confidence.
    pairs = func.attribute_pairs(sightings.c.attributes, type_=ARRAY(Text))
    said: ColumnElement[bool] = pairs.overlap([f"{name}={value}" for value in values])
    if least == 0:
        return said
    confidence = sightings.c.attributes[name]["confidence"].astext
    return and_(said, cast(confidence, REAL) >= least)


def _answer(labels: LabelSet) -> AttributeAnswer:
    return AttributeAnswer(
        name=labels.name,
        object_class=labels.object_class,
        names=Names(ko=labels.ko, en=labels.en),
        also=labels.also,
        values=[_value(label) for label in labels.labels],
    )


def _value(label: Label) -> ValueAnswer:
    return ValueAnswer(value=label.value, names=Names(ko=label.ko, en=label.en), also=label.also)
