"""The experience zone: real transactions to be practised on simulated channels."""
