"""Jobs on pages: the list, one job while it runs and after, and what can still be done about it."""
