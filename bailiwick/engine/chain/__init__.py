"""The events sealed: each seal covers those that were committed since the last one, and is signed (docs/adr/0021)."""
