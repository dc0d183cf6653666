"""The report of a route, one HTML page to be printed: map, stops, legs, how it was searched."""
