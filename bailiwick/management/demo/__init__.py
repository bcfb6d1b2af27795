"""The demonstration: an invented provider with its partners, customers, edges and gateways, the same at every load."""
