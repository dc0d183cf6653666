"""A made-up city: cameras on a street graph, people and vehicles that pass them, their looks."""
