"""What edges do: they are provisioned, become devices by a key, and are heard or missed."""
