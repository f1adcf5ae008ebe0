"""The lobby's call board."""
