from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.calibrate.demand import Demand
from edge_agent.calibrate.proposal import (
    Candidate,
    Machine,
    Proposal,
    Shortfall,
    Timed,
    load,
    propose,
    worth,
)
from edge_agent.model_settings import RoleName, RoleSettings

ROLES: tuple[RoleName, ...] = ("detector", "person_embedder", "vehicle_embedder")
QUIET = Demand(channels=1, fps=5, people=0, vehicles=0, decoding=0)


def timed(
    role: RoleName, name: str, cpu_ms: float, quality: float | None = 50, wall_ms: float = 0
) -> Timed:
    candidate = Candidate(role, RoleSettings(name=name), quality)
    return Timed(candidate, cpu_ms, wall_ms or cpu_ms, cpu_ms, 10)


def names(found: Proposal | Shortfall) -> list[str]:
    return [one.candidate.settings.name for one in found.choice]


def ways(role: RoleName) -> st.SearchStrategy[list[Timed]]:
    one = st.builds(
        timed,
        st.just(role),
        st.sampled_from("abcdefgh"),
        st.floats(0.1, 300),
        st.none() | st.floats(1, 100),
        st.floats(0.1, 300),
    )
    return st.lists(one, min_size=1, max_size=5)


timings = st.tuples(*(ways(role) for role in ROLES)).map(
    lambda parts: [t for p in parts for t in p]
)
demands = st.builds(
    Demand,
    channels=st.integers(1, 8),
    fps=st.floats(1, 25),
    people=st.floats(0, 10),
    vehicles=st.floats(0, 10),
    decoding=st.floats(0, 0.5),
)
machines = st.builds(Machine, cores=st.integers(1, 16), share=st.floats(0.05, 1))


@given(timings, demands, machines)
def test_a_set_above_the_share_is_never_proposed(
    given_: list[Timed], demand: Demand, machine: Machine
) -> None:
    found = propose(given_, demand, machine)
    assert [one.candidate.role for one in found.choice] == list(ROLES)
    assert found.load == pytest.approx(load(found.choice, demand, machine.cores))
    assert isinstance(found, Proposal) == (found.load <= machine.share)


@given(timings, demands, machines, st.floats(0.1, 1))
def test_more_head_room_never_picks_a_costlier_set(
    given_: list[Timed], demand: Demand, machine: Machine, part: float
) -> None:
    roomy = replace(machine, share=machine.share * part)
    bold, careful = (propose(given_, demand, one) for one in (machine, roomy))
    assert careful.load <= bold.load
    if isinstance(bold, Proposal) and isinstance(careful, Proposal):
        assert worth(careful.choice) <= worth(bold.choice)


@given(timings, demands, machines)
def test_nothing_that_fits_is_better(given_: list[Timed], demand: Demand, machine: Machine) -> None:
    found = propose(given_, demand, machine)
    of_role = {role: [one for one in given_ if one.candidate.role == role] for role in ROLES}
    for detector in of_role["detector"]:
        for person in of_role["person_embedder"]:
            for vehicle in of_role["vehicle_embedder"]:
                other = (detector, person, vehicle)
                if load(other, demand, machine.cores) <= machine.share:
                    assert worth(other) <= worth(found.choice)
                assert (
                    isinstance(found, Proposal) or load(other, demand, machine.cores) >= found.load
                )


@given(timings, demands, machines)
def test_what_is_said_to_be_carried_instead_is_carried(
    given_: list[Timed], demand: Demand, machine: Machine
) -> None:
    found = propose(given_, demand, machine)
    if isinstance(found, Proposal):
        return
    cores, share = machine.cores, machine.share
    if found.channels is not None:
        assert 0 < found.channels < demand.channels
        assert load(found.choice, replace(demand, channels=found.channels), cores) <= share
        assert load(found.choice, replace(demand, channels=found.channels + 1), cores) > share
    if found.fps is not None:
        assert 1 <= found.fps < demand.fps
        assert load(found.choice, replace(demand, fps=found.fps), cores) <= share


def test_the_better_detector_is_taken_as_long_as_it_fits() -> None:
    both = [timed("detector", "good", 60, 60), timed("detector", "cheap", 20, 40)]
    embedder = timed("person_embedder", "p", 5, 90)
    demand = replace(QUIET, channels=2)
    assert names(propose([*both, embedder], demand, Machine(2, 0.7))) == ["good", "p"]
    assert names(propose([*both, embedder], demand, Machine(2, 0.2))) == ["cheap", "p"]


def test_of_equally_good_ways_the_cheapest_is_taken() -> None:
    found = propose(
        [timed("detector", "f32", 30), timed("detector", "int8", 20)], QUIET, Machine(4, 0.7)
    )
    assert names(found) == ["int8"]
    assert found.load == pytest.approx(0.1)


def test_a_model_nobody_has_measured_is_not_preferred() -> None:
    unknown, known = timed("detector", "new", 10, None), timed("detector", "known", 20, 30)
    embedder = timed("person_embedder", "p", 1)
    assert names(propose([unknown, known, embedder], QUIET, Machine(4, 0.7))) == ["known", "p"]


def test_the_better_detector_is_taken_where_nobody_has_measured_the_embedder() -> None:
    detectors = [timed("detector", "good", 60, 60), timed("detector", "cheap", 20, 40)]
    unknown = timed("person_embedder", "p", 5, None)
    assert names(propose([*detectors, unknown], QUIET, Machine(2, 0.7))) == ["good", "p"]


def test_a_channel_must_keep_up_on_its_own_thread_however_many_cores_idle() -> None:
    slow = timed("detector", "one thread", 250, wall_ms=250)
    quick = timed("detector", "four threads", 300, wall_ms=80)
    assert names(propose([slow, quick], QUIET, Machine(16, 0.7))) == ["four threads"]


def test_when_nothing_fits_fewer_channels_or_frames_are_named() -> None:
    demand = replace(QUIET, channels=4)
    found = propose([timed("detector", "a", 100)], demand, Machine(2, 0.6))
    assert isinstance(found, Shortfall)
    assert found.load == pytest.approx(1.0)
    assert (found.channels, found.fps) == (2, 3.0)


def test_when_not_even_one_channel_fits_that_is_said() -> None:
    found = propose([timed("detector", "a", 5000)], QUIET, Machine(2, 0.6))
    assert isinstance(found, Shortfall)
    assert (found.channels, found.fps) == (None, None)


def test_more_objects_ask_more_of_what_embeds_and_reads_them() -> None:
    demand = Demand(channels=1, fps=5, people=4, vehicles=1)
    assert demand.calls("person_embedder") == pytest.approx(6.0)
    assert demand.calls("vehicle_embedder") == pytest.approx(1.5)
    assert demand.calls("plate_reader") == pytest.approx(0.4)
    assert demand.overhead < replace(demand, people=5).overhead
