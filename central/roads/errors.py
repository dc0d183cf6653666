"""What can be wrong with a map.

DongseonError
└── ConfigError
    └── MapError    a file that is no street network, or not all of one
"""

from shared.errors import ConfigError


class MapError(ConfigError):
    """A file is no street network, or not all of one; nothing was changed."""
