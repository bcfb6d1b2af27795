"""The files of exports.py in the OpenAPI document: plain views, since django-ninja would hold a file back."""

from __future__ import annotations

from typing import Any

from bailiwick.engine.exports.customer_table import VIEW_COLUMNS

CHOICES = {
    "separator": "One visible sign, or a tab; a comma if left out.",
    "guard": "0 leaves text as it is; else an apostrophe stands before what a spreadsheet would take for a formula.",
    "bom": "1 begins the file with a byte order mark.",
    "compress": "gzip makes a compressed file.",
}
OF_A_LIST = {
    "columns": f"In this order, separated by commas: {', '.join(VIEW_COLUMNS)}.",
    "sort": "A column of the list, with - in front for the other way.",
}
FILES: dict[str, tuple[str, dict[str, str]]] = {
    "customers": ("All customers of your portal.", CHOICES),
    "edge-inventory": ("All edges of your portal.", CHOICES),
    "view": ("The customers that match the list's filters, which are further parameters.", CHOICES | OF_A_LIST),
    "selection": ("The customers of a frozen selection.", CHOICES | OF_A_LIST | {"ticket": "From POST /selections."}),
}


def paths() -> dict[str, Any]:
    """The paths by address."""
    return {f"/api/v1/exports/{name}.csv": {"get": _operation(name, *told)} for name, told in FILES.items()}


def _operation(name: str, summary: str, parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "operationId": f"export_{name.replace('-', '_')}",
        "summary": summary,
        "tags": ["Exports"],
        "parameters": [
            {
                "in": "query",
                "name": each,
                "description": text,
                "schema": {"type": "string"},
                "required": each == "ticket",
            }
            for each, text in parameters.items()
        ],
        "responses": {
            200: {
                "description": "The file, streamed",
                "content": {
                    "text/csv": {"schema": {"type": "string"}},
                    "application/gzip": {"schema": {"type": "string", "format": "binary"}},
                },
            }
        },
    }
