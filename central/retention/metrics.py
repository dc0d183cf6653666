"""What purges removed and whether they proved it, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from central.retention.report import Purge


class PurgeMetrics:
    """Counts purges of this process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ok = Gauge(
            "dongseon_purge_ok",
            "1 if the last purge proved that nothing is kept for too long.",
            registry=registry,
        )
        self._at = Gauge(
            "dongseon_purge_timestamp_seconds", "When the last purge was.", registry=registry
        )
        self._removed = Counter(
            "dongseon_purge_removed",
            "What purges removed.",
            ("part", "kind"),
            registry=registry,
        )

    def show(self, purge: Purge) -> None:
        """Show how `purge` ended, whoever ran it."""
        self._ok.set(purge.ok)
        self._at.set(purge.at.timestamp())

    def note(self, purge: Purge) -> None:
        """Show and count `purge`, which this process ran."""
        self.show(purge)
        for part in purge.parts:
            for kind, number in part.removed.items():
                self._removed.labels(part.name, kind).inc(number)
