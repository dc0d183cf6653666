"""Trains what makes crops into vectors: of people, and of vehicles with two-wheelers.

The data's way: `identities` (whose crop is whose, and the split); `drawn`, `cutouts`, `recolour`,
`looks`, `backgrounds`, `crowd` and `people` (many out of few); `degrade` (what a camera does to a
crop); `pool`, `parts` and `mirrored` (all of it, with teachers' vectors); `batches`; `losses`;
`task`; `running`. `person` and `vehicle` are the two recipes.
"""
