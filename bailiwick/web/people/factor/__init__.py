"""The pages of the second factor: asking for it at sign-in, and setting it up."""
