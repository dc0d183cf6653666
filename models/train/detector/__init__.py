"""The starter detector: people, vehicles and two-wheelers, from freely licensed pictures."""
