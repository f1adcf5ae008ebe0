"""Calls aloud, from recorded clips; imported only where a player is configured."""
