"""How many threads linear algebra takes."""

from threadpoolctl import threadpool_limits


def one_thread_a_request() -> None:
    """Let linear algebra run in the thread that asks for it and in no other.

    A centre answers several at once, and the matrices of one search are too small to be shared out:
    OpenBLAS's other threads spin for a while after each product and take the processors from the
    database, which costs a suggestion a quarter of its time. Of the libraries loaded by now.
    """
    threadpool_limits(limits=1, user_api="blas")
