"""The centre over HTTP."""
