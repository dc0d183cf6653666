"""What models cost on this machine, and whether other processors would say the same.

`timing` measures, `agreement` compares. Needs nothing beyond `dongseon[models]`, so that a box can.
"""
