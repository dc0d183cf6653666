"""How many files this process may have open."""

import resource


def allow_open_files() -> None:
    """Raise the soft limit to the hard one: the index keeps a file open for each segment."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
