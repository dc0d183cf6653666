"""Trains what makes crops into vectors: of people, and of vehicles with two-wheelers.

The data's way: `identities` (whose crop is whose, and the split); `drawn`, `cutouts`, `recolour`,
`backgrounds` and `people` (many out of few); `pool` (all of it, with teachers' vectors);
`degrade` (what a camera does to a crop); `batches`; `losses`; `task`; `running`. `person` and
`vehicle` are the two recipes.
"""
