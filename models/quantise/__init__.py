"""Networks made smaller and faster with 8-bit integers: `dongseon models quantize`.

The way through: `pictures` the box collected -> `backends` (one a runtime) quantise the network in
a few ways -> `judging` says what each costs in accuracy, `timing` what it gains -> `search` keeps
layers as they were until the loss is within the limit -> `publish` writes files and entry, `report`
says what was done and why.

Weights have 7 bits and not 8 in both runtimes: a processor without VNNI adds two products of 8 bits
into 16, which overflow (oneDNN, Nuances of int8 Computations; NNCF calls it the overflow fix, ONNX
Runtime reduced range). With 7 bits every processor gives the same integers.
"""
