import numpy as np
import pytest

from models.site.fingerprint import Fingerprint, differences, fingerprint
from tests.models.site.makers import person, scene, textured


def test_the_same_frame_is_not_new() -> None:
    one = fingerprint(textured(), [person(100, 50)])
    assert differences(one, [one]).whole.tolist() == [0.0]


def test_a_fixed_camera_sees_something_new_when_people_stand_elsewhere() -> None:
    background = textured()
    one = fingerprint(background, scene([(20, 50)]))
    near = fingerprint(background, scene([(22, 50)]))
    far = fingerprint(background, scene([(220, 90)]))
    newness = differences(one, [near, far]).whole
    assert newness[0] < 0.25
    assert newness[1] == 1.0


def test_another_light_is_new() -> None:
    day = textured()
    night = (day * 0.3).astype(np.uint8)
    difference = differences(fingerprint(night, []), [fingerprint(day, [])])
    assert difference.light[0] > 0.12
    assert difference.whole[0] == 1.0


def test_there_is_no_difference_from_nothing() -> None:
    assert len(differences(fingerprint(textured(), []), []).whole) == 0


def test_a_fingerprint_survives_being_written() -> None:
    one = fingerprint(textured(), [person(100, 50)])
    again = Fingerprint.of_text(one.text())
    assert (again.luma == one.luma).all()
    assert (again.layout == one.layout).all()


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"fingerprint|base64|[Ii]nvalid|[Oo]nly|[Nn]on"):
        Fingerprint.of_text(text)
