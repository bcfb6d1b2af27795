"""Gateways and pools as things that live: made and changed by people, heard at door 4, quiesced and drained."""
