"""The whole path on real video: boxes, centre, a search and a route, in one command."""
