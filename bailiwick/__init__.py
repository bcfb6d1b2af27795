"""Bailiwick: the open, self-hosted operator portal of an SD-WAN service provider."""
