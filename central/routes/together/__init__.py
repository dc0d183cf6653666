"""Who went with the target, and whether two routes met."""
