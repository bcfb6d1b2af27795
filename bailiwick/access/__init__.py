"""Who may, on which rows."""
