"""Questions in words."""

from fastapi import APIRouter

from central.api.common import PREFIX, TheServices
from central.asking.gazetteer import find_places
from central.asking.parsed import ParsedQuestion, Question
from central.asking.text.parse import parse
from shared.clock import to_datetime

router = APIRouter(prefix=f"{PREFIX}/ask", tags=["search"])


@router.post("/parse")
def parse_question(services: TheServices, question: Question) -> ParsedQuestion:
    """A sentence in Korean or English as a request for `/search`; asks nothing by itself.

    By rules: plates, attributes, days and hours, names of cameras and groups, metres around them.
    `not_understood` has the words that are in none.
    """
    return parse(
        question.text,
        question.now or to_datetime(services.clock.now_ms()),
        question.zone or services.settings.zone,
        lambda names: find_places(services.engine, names),
    )
