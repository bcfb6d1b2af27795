"""Starting, stopping and surviving."""
