"""Screens, grouped by who stands before them."""
