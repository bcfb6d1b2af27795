"""Single sign-on by OpenID Connect: the provider of a domain vouches for its users (docs/adr/0016)."""
