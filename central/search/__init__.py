"""Who looks like this? Exact search inside chosen cameras and a time window."""
