"""Guided demos: scripts as data, and what happens to who walks through one."""
