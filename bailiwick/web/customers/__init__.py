"""The customers list."""
