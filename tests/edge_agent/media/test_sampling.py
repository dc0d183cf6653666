import pytest

from edge_agent.sampling import Sampler
from edge_agent.source.timeline import Timeline


def chosen(times: list[float], fps: float | None) -> list[float]:
    sampler = Sampler(fps)
    return [time for time in times if sampler.wants(time)]


def test_five_of_twenty_five_frames_are_every_fifth() -> None:
    times = [index / 25 for index in range(50)]
    assert chosen(times, 5) == pytest.approx([index / 5 for index in range(10)])


def test_a_rate_that_does_not_divide_keeps_its_mean_over_an_hour() -> None:
    times = [index / 12 for index in range(12 * 3600)]
    assert len(chosen(times, 5)) == 5 * 3600


def test_jitter_around_the_slots_drops_no_frame() -> None:
    times = [index / 5 + (0.015 if index % 2 else -0.015) for index in range(1, 50)]
    assert chosen(times, 5) == times


def test_a_gap_does_not_bring_a_burst_after_it() -> None:
    times = [0.0, 0.2, 7.0, 7.04, 7.08, 7.2]
    assert chosen(times, 5) == [0.0, 0.2, 7.0, 7.2]


def test_without_a_rate_every_frame_is_taken() -> None:
    assert chosen([0.0, 0.01, 0.02], None) == [0.0, 0.01, 0.02]


def positions(times: list[float | None], step_s: float = 0.1) -> list[float]:
    timeline = Timeline(step_s)
    return [round(timeline.position(time), 3) for time in times]


def test_positions_count_from_the_first_frame() -> None:
    assert positions([40.0, 40.1, 40.3]) == [0.0, 0.1, 0.3]


def test_frames_in_the_wrong_order_keep_their_neighbours_times() -> None:
    assert positions([0.0, 0.2, 0.1, 0.3]) == [0.0, 0.2, 0.201, 0.3]


def test_a_clock_that_begins_anew_continues_the_line() -> None:
    assert positions([9.0, 9.1, 0.0, 0.1]) == [0.0, 0.1, 0.2, 0.3]


def test_a_damaged_time_stamp_far_ahead_is_not_believed() -> None:
    assert positions([0.0, 0.1, 1e12, 1e12 + 0.1]) == [0.0, 0.1, 0.2, pytest.approx(0.3)]


def test_missing_time_stamps_are_filled_at_the_nominal_rate() -> None:
    assert positions([None, None, 5.0, None]) == [0.0, 0.1, 0.2, 0.3]
