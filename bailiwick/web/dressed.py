"""An action's form as a page shows it: filled in as it was posted, each error beside its field, the frame's look."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from bailiwick.engine.forms.form import raw_values
from bailiwick.web.posted import decoded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bailiwick.engine.forms.form import ActionForm, InvalidParams
    from bailiwick.web.request import Request


def dressed(
    form_class: type[ActionForm],
    request: Request,
    error: InvalidParams | None = None,
    *,
    begun: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Makes the form: empty, or as posted; `error.errors` stand beside their fields, the rest in `form.elsewhere`.

    `begun`: what it begins with.
    """
    actor = request.actor
    raw = {**begun, **_kept(form_class, request, _posted(form_class, request))}
    # What is wrong with the selection says nothing of the fields.
    is_bound = error is not None and error.errors.keys() != {"select"}
    form: Any = form_class(raw, actor=actor) if is_bound else form_class(actor=actor, initial=raw or None)
    dress(form)
    if error:
        place(form, error)
    elif first := next(iter(form.visible_fields()), None):
        first.field.widget.attrs["autofocus"] = True
    return form


def _kept(form_class: type[ActionForm], request: Request, raw: dict[str, Any]) -> dict[str, Any]:
    """What was typed; what hangs on a field is forgotten when that field changes."""
    follows = getattr(form_class, "follows", ()) if request.htmx.trigger_name in form_class.base_fields else ()
    return {name: value for name, value in raw.items() if name not in follows}


def dress(form: Any) -> None:
    """Gives the widgets their look and the fields their sections; one that stands in no section comes last."""
    for field in form.fields.values():
        field.widget.attrs.setdefault("class", look(field.widget))
        if isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 3
    form.elsewhere = []
    shown = {field.name: field for field in form.visible_fields()}
    form.parts = [
        {"heading": section.heading, "fields": [shown.pop(name) for name in section.fields if name in shown]}
        for section in form.sections
    ]
    form.parts.append({"heading": "", "fields": list(shown.values())})


def _posted(form_class: type[ActionForm], request: Request) -> dict[str, Any]:
    if "params" in request.POST:
        raw = decoded(request.POST["params"])
        return {name: found for name, found in raw.items() if _is_plain(found)} if isinstance(raw, dict) else {}
    names = form_class(actor=request.actor).fields.keys()
    return raw_values(form_class, request.POST, request.actor) if names & request.POST.keys() else {}


def _is_plain(found: object) -> bool:
    """What a page can have posted; a widget could not show anything else."""
    if isinstance(found, list):
        return all(isinstance(item, str | int) for item in found)
    return isinstance(found, str | bool | int | None)


def place(form: Any, error: InvalidParams, *, shown: Collection[str] | None = None) -> None:
    """Puts each error beside its field, or above them where the field is not `shown`."""
    visible = {field.name for field in form.visible_fields()} if shown is None else shown
    known = {name: {e["message"] for e in found} for name, found in form.errors.get_json_data().items()}
    for name, found in error.errors.items():
        for each in found:
            if name not in visible:
                form.elsewhere.append(each["message"])
            elif each["message"] not in known.get(name, ()):
                form.add_error(name, ValidationError(each["message"], code=each["code"]))


def look(widget: forms.Widget) -> str:
    """The style sheet's class of a widget."""
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
