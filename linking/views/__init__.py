"""App linking over HTTP."""
