"""Door 4: edges call in here, over TLS, with a key once and with their certificates from then on."""
