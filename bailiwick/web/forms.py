"""A form on a page: the frame's look for each widget, errors beside their fields."""

from __future__ import annotations

from typing import Any

from django import forms


class PageForm(forms.Form):
    """Gives every widget the class that the style sheet knows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _look(field.widget))


def _look(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "ticks"
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def status_of(form: forms.Form, problem: str = "") -> int:
    """409 where somebody else was faster, 422 where something typed is wrong."""
    if any(error.code == "stale" for found in form.errors.as_data().values() for error in found):
        return 409
    return 422 if form.errors or problem else 200
