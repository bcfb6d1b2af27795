"""The generated documents are fresh."""

from __future__ import annotations

import json

import pytest

from bailiwick.actions import MENU
from bailiwick.management.catalogue import documents
from bailiwick.management.commands.docs import FOLDER


@pytest.mark.parametrize("name", ["actions.md", "openapi.json", "openapi-devices.json"])
def test_a_generated_document_is_what_the_code_says(name: str) -> None:
    stored, made = (FOLDER / name).read_text(encoding="utf-8"), documents()[name]
    assert stored == made, f"docs/{name} is old: run `make docs` and look at the difference."


def test_every_action_stands_in_both_documents() -> None:
    page = (FOLDER / "actions.md").read_text(encoding="utf-8")
    paths = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))["paths"]
    for slug in MENU:
        assert f"`{slug}`" in page
        assert f"/api/v1/actions/{slug}" in paths
