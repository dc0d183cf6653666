"""The contract between the boxes and the centre: types, messages, topics, codecs, clock and ids.

Imports nothing of the project.
"""
