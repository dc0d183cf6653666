"""Where each tracked box will be: a constant-velocity Kalman filter over many boxes at once.

State as in SORT's successors (Wojke et al., Deep SORT, arXiv:1703.07402; width and height in
place of area and ratio as in BoT-SORT, arXiv:2206.14651): centre x, centre y, width, height
and their velocities, noise in proportion to the box's height. The four sides share no noise
there, so the 8 x 8 filter is exactly four filters of two states, which numpy runs for every
track in one step. Time steps are seconds, since frames come at uneven times: white-noise
acceleration, Bar-Shalom et al., Estimation with Applications to Tracking and Navigation, 6.2.2.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Measured box sides are off by about a twentieth of the height (Deep SORT's figure).
_MEASURED = 0.08
# A walker covers about 0.8 of their height a second (1.4 m/s at 1.7 m) in any direction;
# width and height change slowly.
_SPEED = np.array([0.8, 0.4, 0.2, 0.2])
# Change of speed, heights per s^1.5.
_MANOEUVRE = np.array([0.2, 0.14, 0.06, 0.06])


class Boxes(NamedTuple):
    """N boxes.

    `mean` (N, 4, 2): position and velocity of cx, cy, w, h in pixels and pixels a second;
    `covariance` (N, 4, 3): variance of position, their covariance, variance of velocity.
    """

    mean: Array
    covariance: Array


def started(measured: Array) -> Boxes:
    """Boxes at rest where they were `measured` (N, 4: cx, cy, w, h), speed unknown."""
    height = measured[:, 3:4]
    mean = np.stack([measured, np.zeros_like(measured)], axis=2)
    position = np.broadcast_to((2 * _MEASURED * height) ** 2, measured.shape)
    speed = (_SPEED * height) ** 2
    return Boxes(mean, np.stack([position, np.zeros_like(speed), speed], axis=2))


def predicted(boxes: Boxes, dt: float) -> Boxes:
    """`boxes` after `dt` seconds."""
    mean, (p, c, v) = boxes.mean.copy(), np.moveaxis(boxes.covariance, 2, 0)
    height = np.maximum(mean[:, 3:4, 0], 1.0)
    noise = (_MANOEUVRE * height) ** 2
    mean[:, :, 0] += mean[:, :, 1] * dt
    mean[:, 2:, 0] = np.maximum(mean[:, 2:, 0], 1.0)
    grown = [
        p + 2 * dt * c + dt * dt * v + noise * dt**3 / 3,
        c + dt * v + noise * dt**2 / 2,
        v + noise * dt,
    ]
    return Boxes(mean, np.stack(grown, axis=2))


def corrected(boxes: Boxes, measured: Array, confidence: Array) -> Boxes:
    """`boxes` after each was `measured` (N, 4: cx, cy, w, h).

    A measurement of low `confidence` (N,) is trusted less, as in StrongSORT's NSA filter
    (arXiv:2202.13514).
    """
    p, c, v = np.moveaxis(boxes.covariance, 2, 0)
    trust = np.clip(1.5 - confidence, 0.5, 1.5)[:, None]
    noise = (_MEASURED * trust * measured[:, 3:4]) ** 2
    total = p + noise
    gain_p, gain_v = p / total, c / total
    off = measured - boxes.mean[:, :, 0]
    mean = boxes.mean + np.stack([gain_p * off, gain_v * off], axis=2)
    left = [(1 - gain_p) * p, (1 - gain_p) * c, v - gain_v * c]
    return Boxes(mean, np.stack(left, axis=2))
