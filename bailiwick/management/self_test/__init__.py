"""The tenancy self-test: asks every route for what is not the asker's, and compares with what does not exist."""
