"""The OpenAPI document is the plan of an attack: schemathesis sends what fits it and what does not."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from tests.api.client import Script
from tests.world import World

EXAMPLES = 4


@pytest.mark.django_db
def test_no_request_made_from_the_document_ends_in_a_500(world: World) -> None:
    world.customers(3)
    script = Script(world.olga)
    schema = schemathesis.openapi.from_dict(script.get("/openapi.json").json())
    schema.config.generation.update(modes=list(GenerationMode))
    limits = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked: defaultdict[str, set[int]] = defaultdict(set)
    for found in schema.get_all_operations():
        operation = found.ok()

        @limits
        @_given(operation)
        def attack(case: schemathesis.Case) -> None:
            request = case.as_transport_kwargs(base_url="http://testserver")
            status = _send(script, request)
            asked[f"{case.method} {case.path}"].add(status)
            assert status < 500, request

        attack()
    assert len(asked) > 20
    assert any(200 in statuses for statuses in asked.values())
    assert any(422 in statuses for statuses in asked.values())


def _given(operation: Any) -> Any:
    return given(case=operation.as_strategy())


def _send(script: Script, request: dict[str, Any]) -> int:
    """Through Django's own client, so that what is done is undone with the test."""
    address = requests.Request(request["method"], request["url"], params=request.get("params")).prepare().url or ""
    body = request.get("data") or b""
    if "json" in request:
        body = json.dumps(request["json"]).encode("utf-8", "surrogatepass")
    path = urlsplit(address)
    answer = script.client.generic(
        request["method"],
        f"{path.path}?{path.query}",
        data=body,
        content_type="application/json",
        headers={"Authorization": f"Token {script.token}"},
    )
    return int(answer.status_code)
