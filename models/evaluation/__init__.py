"""How good a model is, on pictures whose answers are known: `dongseon models evaluate`.

`reid` judges embedders, `detection` detectors, `attributes` attribute readers; each takes the role
as `models.roles` loads it, so every runtime, precision and quantised file is judged the same way.
"""
