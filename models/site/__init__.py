"""Learning from a site's own cameras: hard frames kept within bounds, a detector made from them.

`collector` chooses frames and `album` keeps them, masked before they touch the disk; a box imports
nothing else. `adapt` trains on them and needs dongseon[train].
"""
