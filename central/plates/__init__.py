"""Number plates as people ask for them: folded, in part, with gaps, or nearly."""
