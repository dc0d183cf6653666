"""A make-believe fleet: many boxes in one process, real messages over real connections."""
