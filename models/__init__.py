"""Neural networks: the catalogue and the weights, the runtimes, the detectors and the embedders.

Imports `shared` only. Start at `models.roles`: a role (detector, embedder) by its name.
"""
