"""The likeliest ways through the candidates of a search."""
