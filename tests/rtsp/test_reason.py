import av
import pytest

from edge_agent.source import SourceRefused, without_secrets
from edge_agent.source.reason import source_error


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://cam/ch1", "rtsp://cam/ch1"),
        ("rtsp://cam:554/ch1", "rtsp://cam:554/ch1"),
        ("rtsp://admin@cam/ch1", "rtsp://admin@cam/ch1"),
        ("rtsp://admin:secret@cam/ch1", "rtsp://admin:***@cam/ch1"),
        ("rtsp://admin:se@cr:et@cam/ch1", "rtsp://admin:***@cam/ch1"),
        ("rtsp://admin:se/cret@cam/ch1", "rtsp://admin:***@cam/ch1"),
        ("rtsp://bob@mail.com:secret@cam/ch1", "rtsp://***@cam/ch1"),
        ("rtsp://DOMAIN/bob:secret@cam/ch1", "rtsp://***@cam/ch1"),
        ("RTSP://admin:secret@cam/ch1", "RTSP://admin:***@cam/ch1"),
        (
            "rtsp://cam/user=admin_password=secret_channel=1",
            "rtsp://cam/user=admin_password=***_channel=1",
        ),
        ("rtsp://cam/live?user=admin&pwd=secret&ch=1", "rtsp://cam/live?user=admin&pwd=***&ch=1"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_a_refusal_is_an_error_of_its_own_kind() -> None:
    assert isinstance(source_error("door", av.HTTPUnauthorizedError(401, "no")), SourceRefused)


def test_an_error_nobody_has_words_for_is_told_as_it_is() -> None:
    assert str(source_error("door", OSError(5, "odd"))) == "door: odd"
