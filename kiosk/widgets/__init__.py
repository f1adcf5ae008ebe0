"""Pieces of a screen; they know no service."""
