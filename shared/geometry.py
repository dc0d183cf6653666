"""Rectangles in pictures."""

from typing import NamedTuple


class Rect(NamedTuple):
    """An axis-aligned rectangle in pixels; `right` and `bottom` are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels, never negative."""
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        """Height in pixels, never negative."""
        return max(0.0, self.bottom - self.top)

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    def shifted(self, dx: float, dy: float) -> "Rect":
        """The same rectangle moved by `dx`, `dy` pixels."""
        return Rect(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def clipped(self, width: float, height: float) -> "Rect":
        """The part of the rectangle inside a picture of `width` x `height` pixels."""
        return Rect(
            min(max(self.left, 0.0), width),
            min(max(self.top, 0.0), height),
            min(max(self.right, 0.0), width),
            min(max(self.bottom, 0.0), height),
        )

    def intersection(self, other: "Rect") -> float:
        """Area shared with `other`, in square pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: "Rect") -> float:
        """Intersection over union with `other`, 0 to 1."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0
