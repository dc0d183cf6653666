"""One box: video in, sightings out.

`source → detector → tracker → tracklet → sighting → outbox → uplink`
"""
