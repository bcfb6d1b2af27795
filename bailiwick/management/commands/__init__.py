"""Django finds the shell commands here."""
