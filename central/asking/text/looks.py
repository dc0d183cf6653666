"""What people say of looks, as attributes."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from central.asking.text.reading import Sentence
from central.asking.text.vocabulary import LOWER, PAINT, PATTERN, TERMS, UPPER, Term
from shared.classes import ObjectClass

_NOT_BEFORE = re.compile(r"(?:\bno|\bwithout(?: an?)?|\bnot wearing(?: an?)?)\s+$")
_NOT_AFTER = re.compile(
    r"\s*(?:를|을|은|는|이|가)?\s*(?:없는|없이|없음|미착용|안\s*(?:쓴|멘|맨|든)|(?:쓰|메|매|들)지\s*않은)"
)
_SEPARATORS = re.compile(r"[\s,/]*(?:or|and|또는|혹은|나|이나)?[\s,/]*")


class Said(NamedTuple):
    """Attributes, each with the values it may have, and the class of object they are of."""

    attributes: dict[str, list[str]]
    object_class: ObjectClass | None


class _Found(NamedTuple):
    start: int
    end: int
    term: Term
    negated: bool


class LooksReader:
    """Takes words of looks from a sentence: those of one kind of object, `known` or the first."""

    def __init__(self, sentence: Sentence, known: ObjectClass | None = None) -> None:
        self._sentence = sentence
        self._known = known
        self._attributes: dict[str, list[str]] = {}

    def read(self) -> Said:
        """The attributes that the sentence names."""
        found = self._found()
        kind = self._known or next((each.term.of for each in found if each.term.of), None)
        mine = [each for each in found if each.term.of in {None, kind}]
        colours: list[_Found] = []
        slot: str | None = None
        for each in mine:
            if each.term.colour is not None:
                colours.append(each)
                continue
            self._take(each)
            if each.term.slot is not None and colours:
                self._paint(colours, each.term.slot)
                colours = []
            elif each.term.presence is not None:
                # The colour of a bag or hat is not read, so its words stay.
                colours = []
            slot = each.term.slot or slot
        self._paint(colours, self._slot_of_rest(slot, kind))
        is_said = any(each.term.of is not None for each in mine)
        return Said(self._attributes, kind if is_said or self._attributes else None)

    def _slot_of_rest(self, before: str | None, kind: ObjectClass | None) -> str | None:
        """Of what colours are that nothing follows: of what came before, or of all one wears."""
        if before is not None and before not in self._attributes:
            return before
        if kind == ObjectClass.VEHICLE:
            return PAINT if PAINT not in self._attributes else None
        person = kind == ObjectClass.PERSON and not {UPPER, LOWER} & set(self._attributes)
        return UPPER if person else None

    def _paint(self, colours: Sequence[_Found], slot: str | None) -> None:
        if slot is None:
            return
        for each in colours:
            if each.term.colour is not None:
                self._add(slot, each.term.colour)
                means = f"{slot}={each.term.colour}"
                self._sentence.take(each.start, each.end, means, wider=each.term.wider)

    def _take(self, found: _Found) -> None:
        term = found.term
        means: str | None = None
        if term.presence is not None:
            value = "no" if found.negated else "yes"
            self._add(term.presence, value)
            means = f"{term.presence}={value}"
        elif term.says is not None:
            self._add(*term.says)
            means = "=".join(term.says)
        elif term.of is not None and term.slot in {None, PAINT}:
            means = f"object_class={term.of}"
        self._sentence.take(found.start, found.end, means, wider=term.wider)

    def _add(self, name: str, value: str) -> None:
        values = self._attributes.setdefault(name, [])
        if value not in values:
            values.append(value)

    def _found(self) -> list[_Found]:
        free, found, place = self._sentence.free, [], 0
        while (match := PATTERN.search(free, place)) is not None:
            start, end = match.span()
            group = "whole" if match["whole"] is not None else "part"
            term = TERMS[match[group]]
            negated = False
            if term.presence is not None:
                before, after = _NOT_BEFORE.search(free[:start]), _NOT_AFTER.match(free, end)
                bare = _NOT_AFTER.match(free, match.end(group))
                after = max(filter(None, (after, bare)), key=lambda each: each.end(), default=None)
                negated = before is not None or after is not None
                start = before.start() if before else start
                end = max(end, after.end()) if after else end
            found.append(_Found(start, end, term, negated))
            # After part of a compound the next word begins without a gap.
            place = end
            if group == "part":
                free = f"{free[:start]}{' ' * (end - start)}{free[end:]}"
        return found
