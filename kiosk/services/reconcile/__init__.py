"""Accepted offers held against the journals of the e-channels: what is proven, open or lapsed."""
