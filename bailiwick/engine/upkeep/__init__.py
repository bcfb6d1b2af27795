"""What has had its time goes: bin, old events, uploads, sessions."""
