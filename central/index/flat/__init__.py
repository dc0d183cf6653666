"""The default index: int8 vectors in memory-mapped files, compared one by one.

A part (a day in one embedding space) is a few sorted, unchanging segments and a tail of what came
last. Nothing is approximate: a search reads every vector in scope, at the speed of the memory.
"""
