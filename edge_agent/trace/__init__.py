"""What an agent followed through a clip, for others to measure and to look at."""
