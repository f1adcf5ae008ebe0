"""Use cases in plain synchronous Python; they return frozen dataclasses and raise KioskError."""
