"""The pages about people and the installation: sign-in, account, users and roles, properties, mailbox, events."""
