"""What a reader says of one crop, and how several crops of a tracklet become one statement."""

from collections.abc import Mapping, Sequence

from shared.attributes import AttributeValue

Likelihoods = Mapping[str, float]
"""Value to its probability; they sum to 1."""

Reading = Mapping[str, Likelihoods]
"""One crop's attributes by name. An attribute that the crop does not show is not in it."""


def merge(
    readings: Sequence[Reading], weights: Sequence[float] | None = None
) -> dict[str, AttributeValue]:
    """The likeliest value of each attribute over the crops of one tracklet.

    The probabilities are averaged (a linear opinion pool: crops of one tracklet err together, so
    multiplying them would make sure of what was only repeated).

    Args:
        readings: one for each crop.
        weights: how good each crop is, above or equal to zero, e.g. its quality; alike unless
            given, and where all are zero.

    Raises:
        ValueError: as many weights as readings are needed.
    """
    shares = _shares(len(readings), weights)
    pools: dict[str, dict[str, float]] = {}
    totals: dict[str, float] = {}
    for reading, share in zip(readings, shares, strict=True):
        for name, likelihoods in reading.items():
            pool = pools.setdefault(name, {})
            totals[name] = totals.get(name, 0.0) + share
            for value, probability in likelihoods.items():
                pool[value] = pool.get(value, 0.0) + share * probability
    return {name: _likeliest(pool, totals[name]) for name, pool in pools.items() if totals[name]}


def _shares(count: int, weights: Sequence[float] | None) -> Sequence[float]:
    return weights if weights is not None and any(weights) else [1.0] * count


def _likeliest(pool: Mapping[str, float], total: float) -> AttributeValue:
    value = max(pool, key=lambda each: pool[each])
    return AttributeValue(value, min(1.0, pool[value] / total))
