"""Door 4."""
