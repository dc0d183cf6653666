"""Plates as they are compared."""

import unicodedata


def fold(plate: str) -> str:
    """`plate` without what readers and people write differently: width, case, spaces, signs."""
    plain = unicodedata.normalize("NFKC", plate).upper()
    return "".join(letter for letter in plain if letter.isalnum())
