"""The page has words of its own for whatever the centre gives as a reason."""

import re
from pathlib import Path

from central.routes import words

_PAGE = Path(words.__file__).parents[1] / "console/src/i18n/legs.ts"


def test_the_page_knows_every_reason() -> None:
    known = re.findall(r"^  (\w+): \(", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    # Once in each of its languages.
    assert all(known.count(code) == 2 for code in words._SENTENCES)
