"""Where two objects differ: for events, and for comparing versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLD = 50


def differences(old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was and what is, by JSON Pointer, where they differ; the first of them, if they are many."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    paths = [path for path in {**before, **after} if before.get(path) != after.get(path)][:TOLD]
    return {path: before.get(path) for path in paths}, {path: after.get(path) for path in paths}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}/{index}")
    elif path:
        yield path, value
