"""The customers list: filters, sorts, pages, counts, and what a user keeps of it."""
