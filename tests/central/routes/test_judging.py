"""What a leg is, in figures that can be checked by hand. No database."""

import pytest

from central.roads.model import Mode
from central.routes.blaming import Blame
from central.routes.ends import End, clock_between
from central.routes.judging import LINGERING, NEARLY_M, SAME_VIEW_S, judge
from central.routes.verdicts import Between, LegType, Option, Verdict
from central.routes.views import View, gaps, merged, passed, stretch
from central.routes.words import lasting, metres, sentence
from shared.classes import ObjectClass

PERSON, VEHICLE = ObjectClass.PERSON, ObjectClass.VEHICLE


def end(camera: str, first_s: float, lasts_s: float = 0.0, **more: object) -> End:
    facts = {"box": f"box of {camera}", **more}
    return End(camera, first_s=first_s, last_s=first_s + lasts_s, **facts)  # type: ignore[arg-type]


def walk(length: float, *views: View) -> Option:
    """At one metre a second, so that metres are seconds."""
    return Option(Mode.WALK, length, length, views)


def drive(length: float, *views: View) -> Option:
    """At ten metres a second."""
    return Option(Mode.DRIVE, length, length / 10, views)


def line(length: float, mode: Mode = Mode.WALK) -> Option:
    return Option(mode, length, length, straight=True)


def between(
    straight: float | None, *options: Option, shows: ObjectClass = PERSON, network: bool = True
) -> Between:
    return Between(straight, options, network, shows)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def kinds(verdict: Verdict) -> list[tuple[Blame, bool]]:
    return [(each.kind, each.likely) for each in verdict.explanations]


# Of 1,000 m the views take 50 m at each end. The network says 100 s by car; twice as fast for the
# 900 m between is 45 s, and the clocks account for 5 s.
@pytest.mark.parametrize(
    ("available", "type_"),
    [(39.9, LegType.CONTRADICTION), (40.1, LegType.COVERAGE_GAP), (100, LegType.COVERAGE_GAP)],
)
def test_a_car_may_be_twice_as_fast_as_the_network_says_and_no_faster(
    available: float, type_: LegType
) -> None:
    verdict = judge(end("a", 0), end("b", available), between(1000, drive(1000), shows=VEHICLE))
    assert verdict.type is type_
    assert verdict.needed_s == pytest.approx(45)


def test_without_streets_only_the_fastest_straight_line_counts() -> None:
    # (1,000 - 100) m at 40 m/s are 22.5 s; clocks account for 5 of them.
    known = between(1000, line(1000, Mode.DRIVE), shows=VEHICLE, network=False)
    assert judge(end("a", 0), end("b", 17), known).type is LegType.CONTRADICTION
    possible = judge(end("a", 0), end("b", 18), known)
    assert possible.type is LegType.COVERAGE_GAP
    assert "no_network" in codes(possible)


def test_somebody_on_foot_may_run_over_open_ground_where_streets_go_around() -> None:
    # 200 m straight, 100 of them between the views: 20 s at 5 m/s. The streets need 1,000 s.
    verdict = judge(end("a", 0), end("b", 20), between(200, walk(1000), drive(10_000)))
    assert (verdict.type, verdict.needed_s) == (LegType.COVERAGE_GAP, 20)
    assert "faster_than_streets" in codes(verdict)
    far = judge(end("a", 0), end("b", 200), between(400, walk(10_000), drive(10_000)))
    assert far.type is LegType.CONTRADICTION, "nobody runs over 400 m of something that has no way"


def test_a_time_on_foot_alone_contradicts_nobody_who_may_have_ridden() -> None:
    # 3 km in 10 minutes from where no car comes: too fast on foot, and easy for a car.
    verdict = judge(end("a", 0), end("b", 600), between(3000, walk(3000)))
    assert verdict.type is not LegType.CONTRADICTION


def test_whoever_two_views_with_ground_between_them_have_at_once_was_not_observed() -> None:
    looked = (View("a", 0, 35), View("b", 65, 100))
    verdict = judge(end("a", 0, 600), end("b", 100, 700), between(100, walk(100, *looked)))
    assert verdict.type is not LegType.OBSERVED
    near = judge(end("a", 0, 600), end("b", 601, 700), between(100, walk(100, *looked)))
    assert near.type is not LegType.CONTRADICTION


def test_a_contradiction_has_no_way_and_says_what_would_explain_it() -> None:
    verdict = judge(end("a", 0), end("b", 10), between(1000, drive(1000), shows=VEHICLE))
    assert (verdict.chosen, verdict.plausible) == (None, [])
    assert codes(verdict) == ["too_fast"]
    # Lacking: 45 s needed, 10 s there. Both clocks were measured, so a wrong stop is likelier.
    assert kinds(verdict) == [(Blame.WRONG_CONFIRMATION, True), (Blame.CLOCK, False)]
    assert verdict.explanations[1].offset_s == 35


def test_a_clock_that_nobody_measured_is_the_first_explanation() -> None:
    known = between(1000, drive(1000), shows=VEHICLE)
    # Seen from 0 to 200 s here and at 150 s there: 50 s at once, and 45 s for the way.
    verdict = judge(end("a", 0, 200), end("b", 150, measured=False), known)
    assert codes(verdict) == ["two_places", "unmeasured"]
    assert verdict.reasons[0].figures["seconds"] == 50
    assert kinds(verdict)[0] == (Blame.CLOCK, True)
    assert verdict.explanations[0].offset_s == 95
    # At 30 s it is sooner before than after: 30 s and 45 s.
    sooner = judge(end("a", 0, 200), end("b", 30, measured=False), known)
    assert sooner.explanations[0].offset_s == -75
    assert sooner.explanations[0].figures["slow"] == "box of a"
    # A minute is allowed for where a clock was never measured.
    within = judge(end("a", 0, 200), end("b", 186, measured=False), known)
    assert within.type is not LegType.CONTRADICTION


def test_the_same_plate_in_two_places_is_a_copy_and_other_plates_a_wrong_stop() -> None:
    known = between(1000, drive(1000), shows=VEHICLE)
    same = judge(end("a", 0, plate="12가3456"), end("b", 1, plate="12가3456"), known)
    assert kinds(same)[0] == (Blame.CLONED_PLATE, True)
    assert (Blame.WRONG_CONFIRMATION, False) in kinds(same)
    other = judge(end("a", 0, plate="12가3456"), end("b", 1, plate="12가3457"), known)
    assert kinds(other)[0] == (Blame.WRONG_CONFIRMATION, True)
    assert Blame.CLONED_PLATE not in dict(kinds(other))


def test_one_box_has_one_clock_that_explains_nothing() -> None:
    one, two = end("a", 0, box="one"), end("b", 1, box="one")
    verdict = judge(one, two, between(1000, drive(1000), shows=VEHICLE))
    assert kinds(verdict) == [(Blame.WRONG_CONFIRMATION, True)]
    unmeasured = end("a", 0, box="one", measured=False)
    assert clock_between(unmeasured, end("b", 1, box="one", measured=False)) == 5
    assert clock_between(unmeasured, two) == 60


def test_two_views_at_once_are_observed_where_they_meet_and_impossible_where_not() -> None:
    near = between(60, walk(60, View("a", 0, 30), View("b", 30, 60)))
    both = judge(end("a", 0, 20), end("b", 10, 20), near)
    assert (both.type, codes(both)) == (LegType.OBSERVED, ["both_views"])
    # 200 m apart, 100 m between the views: nobody is in both for 10 s.
    apart = judge(end("a", 0, 20), end("b", 10, 20), between(200, walk(200)))
    assert (apart.type, codes(apart)) == (LegType.CONTRADICTION, ["two_places"])


@pytest.mark.parametrize(
    ("apart", "type_"),
    [(NEARLY_M, LegType.OBSERVED), (NEARLY_M + 1, LegType.COVERAGE_GAP)],
)
def test_views_that_nearly_meet_are_adjacent(apart: float, type_: LegType) -> None:
    length = 40 + apart + 40
    option = walk(length, View("a", 0, 40), View("b", 40 + apart, length))
    verdict = judge(end("a", 0), end("b", length), between(length, option))
    assert verdict.type is type_


def test_adjacent_views_are_observed_only_if_the_time_is_that_of_the_way() -> None:
    known = between(100, walk(100, View("a", 0, 40), View("b", 60, 100)))
    limit = LINGERING * 100 + 5
    assert judge(end("a", 0), end("b", limit), known).type is LegType.OBSERVED
    later = judge(end("a", 0), end("b", limit + 1), known)
    assert (later.type, later.reasons[0].figures["unseen"]) == (LegType.COVERAGE_GAP, 20)
    much_later = judge(end("a", 0), end("b", 3600), known)
    assert "stayed" in codes(much_later)


def test_a_way_past_other_cameras_is_unobserved_and_they_are_to_be_asked_again() -> None:
    option = walk(500, View("a", 0, 30), View("c", 200, 260), View("b", 470, 500))
    verdict = judge(end("a", 0), end("b", 400), between(500, option))
    assert (verdict.type, verdict.ask_again) == (LegType.UNOBSERVED, ["c"])
    # 500 m less 30, 60 and 30.
    assert verdict.reasons[0].figures["unseen"] == 380


def test_a_second_way_past_nobody_makes_it_a_gap_and_is_drawn() -> None:
    watched = walk(500, View("c", 200, 260))
    hidden = walk(600, View("a", 0, 30), View("b", 570, 600))
    verdict = judge(end("a", 0), end("b", 500), between(450, watched, hidden))
    assert (verdict.type, verdict.chosen) == (LegType.COVERAGE_GAP, 1)
    assert verdict.reasons[0].figures == {"unseen": 540, "metres": 600}
    # Of 600 m 350/450 lie between the views: 233 s at twice the pace. In 230 s it was the other.
    sooner = judge(end("a", 0), end("b", 220), between(450, watched, hidden))
    assert (sooner.type, sooner.plausible) == (LegType.UNOBSERVED, [0])


def test_a_camera_that_was_silent_sees_nobody() -> None:
    option = walk(500, View("c", 200, 260, working=False))
    verdict = judge(end("a", 0), end("b", 400), between(500, option))
    assert verdict.type is LegType.COVERAGE_GAP
    assert codes(verdict) == ["gap", "silent"]
    assert verdict.reasons[0].figures["unseen"] == 500


def test_who_is_too_fast_on_foot_went_by_car_or_bus() -> None:
    # 900 of 1,000 m on foot take 450 s at twice the pace; by car 45 s.
    known = between(1000, walk(1000), drive(1200))
    verdict = judge(end("a", 0), end("b", 300), known)
    assert (verdict.type, verdict.chosen) == (LegType.COVERAGE_GAP, 1)
    assert "by_vehicle" in codes(verdict)
    walked = judge(end("a", 0), end("b", 500), known)
    assert (walked.chosen, walked.plausible) == (0, [0])


def test_one_camera_soon_again_is_one_view_and_later_a_gap() -> None:
    place = between(0, Option(Mode.WALK, 0, 0, (View("a", 0, 0),), straight=True))
    again = judge(end("a", 0), end("a", SAME_VIEW_S), place)
    assert (again.type, codes(again)) == (LegType.OBSERVED, ["same_view"])
    later = judge(end("a", 0), end("a", SAME_VIEW_S + 1), place)
    # Whoever the camera did not have for more than a minute was not in its view.
    assert (later.type, later.ask_again) == (LegType.COVERAGE_GAP, ["a"])
    assert codes(later) == ["own_views"]
    # Even a camera that has no place on the map.
    assert judge(end("a", 0), end("a", 5), between(None)).type is LegType.OBSERVED


def test_two_at_once_in_one_view_are_to_be_looked_at() -> None:
    place = between(0, Option(Mode.WALK, 0, 0, (View("a", 0, 0),), straight=True))
    verdict = judge(end("a", 0, 60), end("a", 20, 60), place)
    assert (codes(verdict), verdict.ask_again) == (["twice"], ["a"])
    assert verdict.reasons[0].figures["seconds"] == 40
    # Its box measured its clock between the two, so that they may be a minute apart wrongly.
    unsure = judge(end("a", 0, 60, measured=False), end("a", 20, 60), place)
    assert codes(unsure)[0] == "same_view"
    barely = judge(end("a", 0, 60), end("a", 57, 60), place)
    assert (codes(barely), barely.ask_again) == (["same_view"], [])


def test_a_camera_without_a_place_says_nothing_of_the_way() -> None:
    verdict = judge(end("a", 0), end("b", 9), between(None))
    assert (verdict.type, codes(verdict), verdict.needed_s) == (
        LegType.UNOBSERVED,
        ["no_place"],
        None,
    )


def test_a_calibrated_camera_leaves_less_room() -> None:
    exact = {"view_m": 5.0}
    known = between(120, walk(120), drive(1200))
    assert judge(end("a", 0), end("b", 0), known).type is not LegType.CONTRADICTION
    # 110 m between: 22 s at a run.
    verdict = judge(end("a", 0, **exact), end("b", 0, **exact), known)
    assert (verdict.type, verdict.needed_s) == (LegType.CONTRADICTION, 22)


def test_equal_times_leave_the_order_open() -> None:
    known = between(50, walk(50, View("a", 0, 25), View("b", 25, 50)))
    assert codes(judge(end("a", 0), end("b", 0), known)) == ["adjacent", "order"]


def test_islands_are_told_from_a_missing_network() -> None:
    assert "no_way" in codes(judge(end("a", 0), end("b", 900), between(1000, line(1000))))


def test_parts_of_a_way_are_joined_and_what_is_left_are_gaps() -> None:
    views = [View("a", 0, 10), View("b", 5, 20), View("a", 40, 50), View("c", 20, 25)]
    assert merged((view.from_m, view.to_m) for view in views) == [(0, 25), (40, 50)]
    assert gaps(60, views) == [(25, 40), (50, 60)]
    assert walk(60, *views).unseen_m() == 25
    assert gaps(0, [View("a", 0, 0)]) == []
    assert walk(60, *views).cameras(("a", "z"), working=True) == []
    assert walk(60, *views).cameras(("y", "z"), working=True) == ["a", "b", "c"]


def test_what_counts_begins_where_the_first_view_is_left_for_the_last_time() -> None:
    # Around the block past c, and once more through the view of a.
    loop = (View("a", 0, 20), View("c", 60, 70), View("a", 110, 150), View("b", 300, 330))
    assert stretch(330, loop, ("a", "b")) == (150, 300)
    assert stretch(330, loop, ("a", "a")) == (0, 330)
    assert stretch(330, (), ("a", "b")) == (0, 330)
    verdict = judge(end("a", 0), end("b", 200), between(300, walk(330, *loop)))
    assert (verdict.type, codes(verdict)) == (LegType.COVERAGE_GAP, ["gap"])
    later = judge(end("a", 0), end("b", 200), between(300, walk(330, *loop, View("d", 200, 210))))
    assert (later.type, later.ask_again) == (LegType.UNOBSERVED, ["d"])


def test_a_way_that_leaves_the_second_view_again_is_not_observed() -> None:
    # Through a corner of b's view, past c, and to b from the other side.
    around = (View("a", 0, 20), View("b", 40, 42), View("c", 60, 70), View("b", 300, 330))
    verdict = judge(end("a", 0), end("b", 500), between(300, walk(330, *around)))
    assert (verdict.type, codes(verdict)[0]) == (LegType.COVERAGE_GAP, "gap")
    # Half a second in the corner is too short to be seen there, so c was passed on the way.
    corner = [view._replace(to_m=40.3) if view.from_m == 40 else view for view in around]
    past = judge(end("a", 0), end("b", 500), between(300, walk(330, *corner)))
    assert (past.type, past.ask_again) == (LegType.UNOBSERVED, ["c"])


def test_who_is_in_view_for_a_moment_is_not_noticed() -> None:
    views = (View("c", 100, 103.5), View("d", 200, 210))
    assert [view.camera for view in passed(views, (0, 300), 4)] == ["d"]
    # Ten metres a second: half a second are five metres.
    assert drive(300, *views).cameras(("a", "b"), working=True) == ["d"]
    assert walk(300, *views).cameras(("a", "b"), working=True) == ["c", "d"]


def test_every_reason_is_told_in_two_languages() -> None:
    verdict = judge(end("a", 0), end("b", 10), between(1000, drive(1000), shows=VEHICLE))
    (reason,) = verdict.reasons
    assert sentence(*reason) == (
        "1.0 km in 10 s: too fast, the least it takes is 45 s, and the clocks account for 5 s "
        "at most"
    )
    assert sentence(*reason, lang="ko").startswith("1.0 km를 10초에 이동: 불가능")
    assert [metres(12.4), metres(1449)] == ["12 m", "1.4 km"]
    assert [lasting(8.4), lasting(59.6), lasting(600), lasting(9000, "ko")] == [
        "8.4 s",
        "60 s",
        "10 min",
        "2.5시간",
    ]
