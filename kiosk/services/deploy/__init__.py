"""The files that turn a Debian machine into a terminal that nobody gets out of."""
