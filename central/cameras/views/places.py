"""Where cameras stood, and what they saw, at what moment."""

# Cameras as they are now, and as they were at :at. One that has no history has never moved.
NOW_STANDING = "SELECT id AS camera, position, view, coverage FROM cameras"
STANDING = """
    SELECT camera, position, view, coverage FROM camera_places
    WHERE from_at <= :at AND :at < until_at
    UNION ALL
    SELECT id, position, view, coverage FROM cameras
    WHERE NOT EXISTS (SELECT FROM camera_places WHERE camera = id)
"""
