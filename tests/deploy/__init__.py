"""The shipped configuration of the servers around the portal."""
