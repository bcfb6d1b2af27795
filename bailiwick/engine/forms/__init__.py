"""What people fill in: the form of an action, its typed fields, and its JSON Schema."""
