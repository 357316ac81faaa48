"""The calendar as DRF's tutorials would write it: a model, a serializer, a viewset, stock SimpleJWT."""
