"""What edges do."""
