"""Layouts of journals that ship with the program, as examples."""
