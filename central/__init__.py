"""The centre: ingest, cameras, index, search, routes, API and console."""
