"""The default catalog, as data."""
