"""Staff mode: the terminal while a member of staff works with it."""
