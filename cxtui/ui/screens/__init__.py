"""The few windows that stand over the console: to confirm, to hand over a password, to choose, to help."""
