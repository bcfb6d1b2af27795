"""How tables become files: columns, separators, and COPY straight from the database."""
