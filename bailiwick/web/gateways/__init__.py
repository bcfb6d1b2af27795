"""The pages of gateways and gateway pools."""
