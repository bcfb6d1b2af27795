"""Door 1: the pages."""
