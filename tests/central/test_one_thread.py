"""Threads of linear algebra in the centre's process."""

import numpy as np
import scipy.linalg
from threadpoolctl import threadpool_info, threadpool_limits

from central.one_thread import one_thread_a_request


def threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_linear_algebra_keeps_to_the_thread_that_asks() -> None:
    # Both bring a library of their own.
    scipy.linalg.cholesky(np.eye(2))
    with threadpool_limits(limits=2, user_api="blas"):
        assert threads() == {2}
        one_thread_a_request()
        assert threads() == {1}
