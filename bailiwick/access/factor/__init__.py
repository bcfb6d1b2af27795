"""The second factor: authenticator apps, passkeys, recovery codes, and who must have one."""
