"""Inside one customer: overview, system settings, events."""
