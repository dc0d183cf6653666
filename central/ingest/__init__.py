"""From the broker into the system of record: commit first, then acknowledge."""
