"""Watches a camera by its name, and tells what happens. Run as a program, with its own resolver.

`python -m tests.rtsp.named_camera URL` prints `frame` for each frame and the reason for each
failure, a line each, until its standard input is closed.
"""

import sys

from tests.rtsp.watching import QUICK, Watching


def main() -> None:
    """Watch until told to stop."""
    with Watching(sys.argv[1], QUICK, tell=lambda what: sys.stdout.write(f"{what}\n")):
        sys.stdin.read()


if __name__ == "__main__":
    main()
