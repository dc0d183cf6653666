"""What a city needs: measured costs of one sighting, and the arithmetic from there."""
