"""The HTTP edge of privacy."""
