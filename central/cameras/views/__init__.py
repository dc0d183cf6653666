"""What cameras see: the ground of each, now and then, along a way, and of an area."""
