"""The way taken, from confirmed sightings."""
