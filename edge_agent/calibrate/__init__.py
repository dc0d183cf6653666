"""`dongseon edge calibrate`: measures what is installed on this box, proposes the set that fits.

`candidates → bench → proposal → writing`
"""
