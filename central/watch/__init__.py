"""The watch list: every sighting that comes in is compared with those who are looked for."""
