"""XML from a tree of elements, with what XML cannot hold left out."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

# XML 1.0, production 2: these characters are in no document, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child of `parent`."""
    child = SubElement(parent, name, {key: plain(value) for key, value in attributes.items()})
    child.text = None if text is None else plain(text)
    return child


def plain(text: str) -> str:
    """`text` without what XML cannot hold; everything else is escaped when it is written."""
    return _FORBIDDEN.sub("", text)


def document(root: Element) -> bytes:
    """The whole document, UTF-8."""
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
