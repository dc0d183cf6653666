"""What becomes of memory that this process no longer needs."""

import ctypes

# Their numbers in glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 256 * 1024 * 1024
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
    told = (mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES), mallopt(_M_MMAP_THRESHOLD, _LARGEST_BYTES))
    return all(each == 1 for each in told)
