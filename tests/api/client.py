"""A script at the REST door, with the token of one of the cast."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from bailiwick.access import tokens
from bailiwick.models import User
from tests.world import World


class Script:
    """Speaks JSON and nothing else."""

    def __init__(self, user: User, *, by: User | None = None) -> None:
        maker = World.actor(by or user)
        self.token = tokens.create(maker, user, name="test", now=timezone.now(), life=timedelta(days=1))
        self.client = Client(raise_request_exception=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method,
            f"/api/v1{path}",
            data=sent,
            content_type=named.pop("Content-Type", "application/json"),
            headers={"Authorization": f"Token {self.token}", **named},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)
