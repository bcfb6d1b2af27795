"""The configuration of customers: which kinds of objects there are, how they are checked, kept and copied."""
