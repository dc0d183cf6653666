"""How long things are kept, that they go when that is over, and the proof that they are gone."""
