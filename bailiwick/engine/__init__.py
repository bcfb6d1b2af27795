"""How any action runs; knows no action by name."""
