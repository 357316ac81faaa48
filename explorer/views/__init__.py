"""The edges of the marketplace."""
