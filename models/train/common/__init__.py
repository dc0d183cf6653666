"""What every trainer shares: the loop against the clock, its state, and what it leaves behind."""
