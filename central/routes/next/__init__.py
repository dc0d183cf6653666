"""Where somebody can be by now, and which cameras to look at next."""
