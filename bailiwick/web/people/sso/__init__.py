"""The pages of single sign-on: the way to the provider and back, and the settings of a home."""
