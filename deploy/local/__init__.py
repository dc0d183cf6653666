"""A private broker and database on this machine, for tests, the demo and development."""
