"""The street network: imported from OpenStreetMap, and how long ways on it take."""
