"""The tables, as the migrations leave them (a test compares the two), a module a matter."""

from central.db.tables.asking import idempotency_keys, query_objects, query_pictures, saved_searches
from central.db.tables.base import Xid8, metadata
from central.db.tables.boxes import boxes, outbox_ledger, quarantine
from central.db.tables.cameras import (
    camera_group_members,
    camera_groups,
    camera_means,
    camera_places,
    cameras,
    travel_times,
)
from central.db.tables.index import index_cursor, index_lacking, index_verified
from central.db.tables.links import link_samples, links
from central.db.tables.roads import camera_streets, road_networks
from central.db.tables.routes import route_paths, route_versions, routes
from central.db.tables.sightings import clips, early_crops, purges, sightings
from central.db.tables.watch import (
    watch_alerts,
    watch_cursor,
    watch_deliveries,
    watch_events,
    watch_hits,
    watch_targets,
    watch_vectors,
    watch_webhooks,
)

__all__ = [
    "Xid8",
    "boxes",
    "camera_group_members",
    "camera_groups",
    "camera_means",
    "camera_places",
    "camera_streets",
    "cameras",
    "clips",
    "early_crops",
    "idempotency_keys",
    "index_cursor",
    "index_lacking",
    "index_verified",
    "link_samples",
    "links",
    "metadata",
    "outbox_ledger",
    "purges",
    "quarantine",
    "query_objects",
    "query_pictures",
    "road_networks",
    "route_paths",
    "route_versions",
    "routes",
    "saved_searches",
    "sightings",
    "travel_times",
    "watch_alerts",
    "watch_cursor",
    "watch_deliveries",
    "watch_events",
    "watch_hits",
    "watch_targets",
    "watch_vectors",
    "watch_webhooks",
]
