"""Number plates: where they are on a vehicle, what they say, and what may be said."""
