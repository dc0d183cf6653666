"""Video that boxes keep, fetched when somebody asks for it."""
