"""The scenario that ships with the program: a branch of six counters."""
