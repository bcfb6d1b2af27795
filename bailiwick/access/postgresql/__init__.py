"""Django's PostgreSQL, which tells the server whether a request may write."""
