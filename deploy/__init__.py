"""How Dongseon is installed and run: the command line, the local stack, the demo, containers."""
