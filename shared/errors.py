"""Every error Dongseon raises on purpose.

    DongseonError
    ├── ConfigError            a file, setting or argument that a person wrote
    ├── DependencyMissing      a program, package, weight or service that is not there
    ├── WireError              bytes from the network that are not what they claim to be
    │   ├── PayloadTooLarge
    │   ├── MalformedPayload
    │   └── UnsupportedVersion
    ├── PictureError           a picture that cannot or must not be decoded
    ├── VectorError            an embedding with the wrong length, space or values
    └── StorageError           disk, database or broker refused to keep or give something

Each message says what was wrong, where, and the mend. Rooms derive their own kinds from these.
"""


class DongseonError(Exception):
    """Base of every error the project raises on purpose."""


class ConfigError(DongseonError):
    """A file, setting or argument that a person wrote is wrong."""


class DependencyMissing(DongseonError):  # noqa: N818 - reads as the statement it is
    """A program, package, weight or service that is needed is not there."""


class WireError(DongseonError):
    """Bytes from the network are not what they claim to be."""


class PayloadTooLarge(WireError):  # noqa: N818
    """A payload is over its cap; it was not decoded."""


class MalformedPayload(WireError):  # noqa: N818
    """A payload is not MessagePack, or not the message its topic announces."""


class UnsupportedVersion(WireError):  # noqa: N818
    """A payload has a major version this program does not speak."""


class PictureError(DongseonError):
    """A picture cannot be decoded, or is over the caps and must not be."""


class VectorError(DongseonError):
    """An embedding has the wrong length, space or values."""


class StorageError(DongseonError):
    """A disk, database or broker refused to keep or to give something."""
