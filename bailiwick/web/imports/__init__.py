"""Importing customers in three pages: choose a file, say which column goes where, look and do it."""
