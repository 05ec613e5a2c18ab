"""Decisions over plain values: no I/O, no clock, no database, no randomness but what is passed in."""
