"""The runtimes: one seam (`port`), an adapter for each.

A runtime's package is imported only when that runtime is asked for.
"""
