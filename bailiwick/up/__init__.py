"""Running the whole portal on one machine: its state directory, its PostgreSQL, its processes."""
