"""What an edge is asked to tell of itself, on its way from the request to the file (docs/adr/0034)."""
