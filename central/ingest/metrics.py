"""What ingest counts, for /metrics and the health page."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# A reason in words has no end of kinds; the first words of ours do.
_KINDS = {
    "camera": "camera-of-another-box",
    "the sighting's id": "id-of-another-box",
    "the crop": "crop",
    "an embedding": "vector",
    "no embedding": "space",
    "topic": "envelope",
    "outbox property": "envelope",
    "a sighting without": "envelope",
    "a sighting of more": "duration",
}
# Fine where the goal lies (250 ms), so that a 99th percentile can be told from it.
_BUCKETS_S = (
    *(0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.125, 0.15, 0.175, 0.2, 0.225),
    *(0.25, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 10, 60),
)


class IngestMetrics:
    """Counters of one ingest."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.received = Counter(
            "dongseon_ingest_received",
            "Messages taken from the broker",
            ["lane"],
            registry=registry,
        )
        self.committed = Counter(
            "dongseon_ingest_committed", "Messages committed", ["lane"], registry=registry
        )
        self.refused = Counter(
            "dongseon_ingest_refused", "Messages quarantined", ["reason"], registry=registry
        )
        self.duplicates = Counter(
            "dongseon_ingest_duplicates", "Messages that were kept before", registry=registry
        )
        self.unknown_attributes = Counter(
            "dongseon_ingest_unknown_attributes",
            "Attributes of sightings that the centre's label sets do not have",
            registry=registry,
        )
        self.retries = Counter(
            "dongseon_ingest_retries", "Batches that had to be tried again", registry=registry
        )
        self.batch_s = Histogram(
            "dongseon_ingest_batch_seconds",
            "From a decoded batch to its commit",
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self.lag_s = Gauge(
            "dongseon_ingest_lag_seconds",
            "From the broker to the commit, the slowest of the last batch",
            registry=registry,
        )
        self.connected = Gauge(
            "dongseon_ingest_broker_connected", "1 while connected", registry=registry
        )


def kind_of(reason: str) -> str:
    """A refusal's reason as one of a few words."""
    for start, kind in _KINDS.items():
        if reason.startswith(start):
            return kind
    return "payload"
