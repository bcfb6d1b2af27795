"""Door 5: the shell."""
