"""Door 2: REST and its OpenAPI document."""
