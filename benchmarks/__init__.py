"""Measurements, each beside a physical limit or a bare peer. Not tests: nothing here can fail."""
