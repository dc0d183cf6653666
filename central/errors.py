"""What a caller of the centre can do wrong.

DongseonError
├── InputError       a request that can never be answered as it stands
├── NotFoundError    it names something that is not there
└── ConflictError    what is there forbids it
"""

from shared.errors import DongseonError


class InputError(DongseonError):
    """A request that can never be answered as it stands."""


class NotFoundError(DongseonError):
    """A request names something that is not there."""


class ConflictError(DongseonError):
    """What is already there forbids the request."""
