"""How the project's own weights are made: needs the extra `dongseon[train]`."""
