"""What can go wrong with a model.

    DongseonError
    └── ModelError          a name, file, network or output that is not what the catalogue says
        └── WrongWeights    a file whose bytes are not those the catalogue records

Weights that are not there at all are `shared.errors.DependencyMissing`.
"""

from shared.errors import DongseonError


class ModelError(DongseonError):
    """A model is not what the catalogue says it is, or gave what no model may give."""


class WrongWeights(ModelError):  # noqa: N818 - reads as the statement it is
    """A file's size or sha256 is not the one in the catalogue."""
