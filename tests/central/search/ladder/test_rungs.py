"""Each rung on cases that can be checked by hand."""

import numpy as np
import pytest

from central.search.ladder.attributes import NAMES, Said, evidence, plate_evidence, said
from central.search.ladder.camera_mean import Mean, Rows, centred, shrunk
from central.search.ladder.climb import Question, Rungs, Sights, climb, middle
from central.search.ladder.k_reciprocal import Neighbours, reranked
from central.search.ladder.recency import nearness
from central.search.ladder.rounds import steered
from central.search.ladder.whitening import FEWEST, whitened

NOTHING = Rungs(
    camera_mean=False,
    whitening=False,
    reach=False,
    attributes=False,
    recency=False,
    k_reciprocal=False,
    rounds=False,
)
EAST, NORTH, UP = np.eye(3, dtype=np.float32)


def unit(*values: float) -> Rows:
    vector = np.array(values, dtype=np.float32)
    return np.asarray(vector / np.linalg.norm(vector))


def rows(*vectors: Rows) -> Rows:
    return np.stack(vectors)


def words(*each: dict[str, tuple[str, float]]) -> Said:
    stored = [
        {name: {"value": value, "confidence": sure} for name, (value, sure) in one.items()}
        for one in each
    ]
    return said(stored, [None] * len(stored))


def sights(*vectors: Rows, means: Rows | None = None) -> Sights:
    stacked = rows(*vectors)
    taken = np.zeros_like(stacked) if means is None else means
    return Sights(stacked, taken, words(*({} for _ in vectors)))


def nobody(size: int = 3) -> Sights:
    empty = np.zeros((0, size), dtype=np.float32)
    return Sights(empty, empty, words())


def order(asked: Sights, gallery: Sights, rungs: Rungs) -> list[int]:
    count = len(gallery.vectors)
    found = climb(
        Question(asked, nobody()), gallery, rungs, np.ones(count, dtype=bool), np.zeros(count)
    )
    return [int(row) for row in found.order]


def test_the_mean_of_a_camera_that_saw_much_is_its_own() -> None:
    everywhere = Mean(np.array([1e6, 0.0]), 1e6)
    camera = Mean(np.array([0.0, 3e5]), 3e5)
    hour = Mean(np.array([0.0, 1e5]), 1e5)
    assert shrunk(hour, camera, everywhere) == pytest.approx([0, 1], abs=1e-3)


def test_the_mean_of_a_camera_that_saw_little_is_that_of_all() -> None:
    nothing = Mean(np.zeros(2), 0)
    everywhere = Mean(np.array([600.0, 0.0]), 1000)
    assert shrunk(nothing, nothing, everywhere) == pytest.approx([0.6, 0])
    assert shrunk(nothing, nothing, nothing) == pytest.approx([0, 0])


def test_without_its_camera_s_push_someone_is_like_themselves_again() -> None:
    # One camera pushes everybody up, the other down.
    up, down = 0.8 * UP, -0.8 * UP
    query = unit(1, 0, 0.8)
    same, stranger = unit(1, 0, -0.8), unit(0, 1, 0.8)
    means = rows(query - EAST, query - EAST)
    found = centred(rows(same, stranger), rows(same - EAST, stranger - NORTH))
    assert found == pytest.approx(rows(EAST, NORTH), abs=1e-6)
    assert centred(rows(EAST), rows(EAST)) == pytest.approx(rows(EAST))
    asked = sights(query, means=means[:1])
    gallery = sights(stranger, same, means=rows(up, down))
    assert order(asked, gallery, NOTHING) == [0, 1]
    with_mean = Rungs(**{**vars(NOTHING), "camera_mean": True})
    assert order(asked, gallery, with_mean) == [1, 0]


def crowd_that_differs_eastward() -> Rows:
    """Rows that are all much alike to the east, or to the west, and hardly to the north."""
    slants = np.linspace(-0.2, 0.2, FEWEST)
    return rows(*(unit(1 if n % 2 else -1, slant, 0) for n, slant in enumerate(slants)))


def test_what_is_rare_among_the_candidates_counts_more() -> None:
    query, same_side, same_mark = unit(1, 0.4, 0), unit(1, -0.1, 0), unit(0.6, 1, 0)
    assert query @ same_side > query @ same_mark
    one, side, mark = whitened(rows(query, same_side, same_mark), crowd_that_differs_eastward())
    assert one @ mark > one @ side


def test_a_whitened_cosine_is_the_mean_of_both_and_of_oneself_one() -> None:
    crowd = crowd_that_differs_eastward()
    east, north = whitened(rows(EAST, NORTH), crowd)
    assert east @ east == pytest.approx(1)
    # Hardly anything goes north and east at once, so the whitened cosine is 0 as the plain one is.
    assert east @ north == pytest.approx(0, abs=0.02)


def test_few_candidates_say_nothing_of_what_is_rare() -> None:
    few = rows(*[EAST] * (FEWEST - 1))
    assert whitened(rows(NORTH), few) == pytest.approx(rows(NORTH))


def test_candidates_that_are_all_one_are_whitened_without_harm() -> None:
    assert np.isfinite(whitened(rows(EAST, NORTH), rows(*[EAST] * FEWEST))).all()
    assert np.isfinite(whitened(rows(NORTH), np.zeros((FEWEST, 3), dtype=np.float32))).all()


def test_whitening_orders_the_answer_and_leaves_the_cosines_of_bands() -> None:
    gallery = sights(unit(1, -0.1, 0), unit(0.6, 1, 0), *crowd_that_differs_eastward())
    query = sights(unit(1, 0.4, 0))
    count = len(gallery.vectors)
    found, plain = (
        climb(
            Question(query, nobody()),
            gallery,
            Rungs(**{**vars(NOTHING), "whitening": on}),
            np.ones(count, dtype=bool),
            np.zeros(count),
        )
        for on in (True, False)
    )
    assert found.scores[1] > found.scores[0]
    assert plain.scores[1] < plain.scores[0]
    assert found.cosines == pytest.approx(plain.cosines)


def test_a_mutual_neighbour_comes_before_one_who_is_everybody_s() -> None:
    rng = np.random.default_rng(3)
    probe = unit(1, 0.1, 0)
    # A crowd around a stranger who is a little more like the probe than the probe's own.
    stranger = unit(1, 0.52, 0)
    crowd = [unit(1, 0.65 + 0.01 * n, 0.02 * float(rng.normal())) for n in range(6)]
    own = [unit(1, -0.33, 0.05), unit(1, -0.34, 0.0), unit(1, -0.36, 0.02)]
    gallery = rows(stranger, *own, *crowd)
    cosines = gallery @ probe
    assert cosines[0] > cosines[1:4].max()
    alike = reranked(probe, gallery, Neighbours(k1=4, k2=1, own=0.0))
    assert alike[1:4].min() > alike[0]


def test_reranking_of_one_or_of_equals_is_finite() -> None:
    assert np.isfinite(reranked(EAST, rows(EAST))).all()
    assert np.isfinite(reranked(EAST, rows(EAST, EAST, EAST))).all()
    assert reranked(EAST, np.zeros((0, 3), dtype=np.float32)).shape == (0,)


def test_a_second_picture_finds_the_other_side() -> None:
    gallery = rows(unit(0.9, 0, 0.45), unit(0.0, 1, 0.2))
    assert np.argmax(steered(rows(EAST), rows(EAST)[:0], gallery)) == 0
    both = steered(rows(EAST, NORTH), rows(EAST)[:0], gallery)
    assert np.argmax(both) == 1


def test_a_rejected_one_takes_its_likes_down_but_not_the_one_looked_for() -> None:
    query, wrong = unit(1, 0, 0), unit(0.8, 0.6, 0)
    like_wrong, right = unit(0.81, 0.59, 0), unit(0.8, -0.6, 0)
    gallery = rows(like_wrong, right)
    plain = steered(rows(query), rows(query)[:0], gallery)
    assert plain[0] > plain[1]
    after = steered(rows(query), rows(wrong), gallery)
    assert after[1] > after[0]
    assert after[1] == pytest.approx(plain[1])


def test_words_that_agree_speak_for_and_others_against() -> None:
    gallery = words(
        {"upper_colour": ("red", 0.9)}, {"upper_colour": ("blue", 0.9)}, {}, {"hat": ("yes", 0.9)}
    )
    found = evidence(words({"upper_colour": ("red", 0.9)}), gallery)
    assert found[0] > 0 > found[1]
    assert found[2:] == pytest.approx([0, 0])


def test_a_rare_colour_says_more_than_a_usual_one_and_a_sure_box_more_than_an_unsure() -> None:
    crowd = [{"upper_colour": ("black", 0.9)}] * 20
    gallery = words(*crowd, {"upper_colour": ("orange", 0.9)}, {"upper_colour": ("orange", 0.3)})
    orange = evidence(words({"upper_colour": ("orange", 0.9)}), gallery)
    black = evidence(words({"upper_colour": ("black", 0.9)}), gallery)
    assert orange[20] > black[0] > 0
    assert orange[20] > orange[21]


def test_two_readings_that_agree_are_surer_than_one() -> None:
    gallery = words({"hat": ("yes", 0.7)}, {"hat": ("no", 0.7)})
    once = evidence(words({"hat": ("yes", 0.7)}), gallery)
    twice = evidence(words({"hat": ("yes", 0.7)}, {"hat": ("yes", 0.7)}), gallery)
    assert twice[0] > once[0]
    assert twice[1] < once[1]


def test_what_the_centre_does_not_know_is_no_evidence() -> None:
    found = words({"wings": ("two", 1.0), "hat": ("maybe", 1.0)})
    assert found.values.shape == (1, len(NAMES))
    assert (found.values == -1).all()


def test_a_plate_with_one_wrong_letter_is_still_for_and_another_plate_against() -> None:
    wanted = said([{}], ["12가3456"])
    found = plate_evidence(wanted, said([{}] * 4, ["12가3456", "12가3458", "34나7890", None]))
    assert found[0] > found[1] > 0 > found[2]
    assert found[3] == 0


def test_those_who_cannot_be_reached_come_last() -> None:
    gallery = sights(EAST, NORTH)
    found = climb(
        Question(sights(EAST), nobody()),
        gallery,
        Rungs(**{**vars(NOTHING), "reach": True}),
        np.array([False, True]),
        np.zeros(2),
    )
    assert found.order.tolist() == [1, 0]
    assert found.cosines == pytest.approx([1, 0])


def test_nearer_in_time_is_a_little_likelier_and_never_decides() -> None:
    near = nearness(np.array([0.0, 1800.0, np.inf]))
    assert near == pytest.approx([1, 0.5, 0])
    gallery = sights(unit(1, 0.02, 0), unit(1, 0.5, 0))
    found = climb(
        Question(sights(EAST), nobody()),
        gallery,
        Rungs(**{**vars(NOTHING), "recency": True}),
        np.ones(2, dtype=bool),
        np.array([np.inf, 0.0]),
    )
    assert found.order.tolist() == [0, 1]


def test_the_index_is_asked_for_the_middle_of_all_that_is_confirmed() -> None:
    asked = sights(EAST, NORTH)
    assert middle(asked, NOTHING) == pytest.approx(unit(1, 1, 0))


def test_no_candidates_are_no_answer() -> None:
    everything = Rungs()
    nothing = np.zeros(0)
    found = climb(
        Question(sights(EAST), nobody()), nobody(), everything, nothing.astype(bool), nothing
    )
    assert found.order.tolist() == []
