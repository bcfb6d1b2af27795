"""Decline Transfer: what the contract suite needs; the acceptance cases stand in test_accept_transfer.py."""

from __future__ import annotations

from tests.actions.test_accept_transfer import example, rows, user

__all__ = ["example", "rows", "user"]
