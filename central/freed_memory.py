"""What becomes of memory that this process no longer needs."""

import ctypes

# Their numbers in glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_KEPT_BYTES = 128 * 1024 * 1024
# Each keeps its own: without a limit there are eight a core.
_ARENAS = 4
# The most that mallopt(3) takes on 64 bits.
_LARGEST_BYTES = 32 * 1024 * 1024


def keep_freed_memory() -> bool:
    """Let the C library keep freed memory for the next array; whether it can be told to.

    glibc hands arrays of a megabyte back to the kernel when they are freed, and every new one is
    zeroed and mapped again page by page: half the time of what reckons with many of them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    told = {
        _M_ARENA_MAX: _ARENAS,
        _M_TRIM_THRESHOLD: _KEPT_BYTES,
        _M_MMAP_THRESHOLD: _LARGEST_BYTES,
    }
    return all(mallopt(which, value) == 1 for which, value in told.items())
