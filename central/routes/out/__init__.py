"""A route as a file: GeoJSON, OGC Moving Features JSON, GPX, KML, and a report to print."""
