"""The second page: which column goes where, with what the first rows hold."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for, partners_for
from bailiwick.engine.forms import fields
from bailiwick.engine.forms.clone_form import CopiedForm
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import creation, mapping, mapping_memory, sheet, upload
from bailiwick.web.dressed import look
from bailiwick.web.forms import PageForm
from bailiwick.web.imports.choose import admitted, chosen_badly
from bailiwick.web.posted import number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.engine.intake.sheet import Sheet
    from bailiwick.web.request import Request

SAMPLES = 3
SAMPLE_LENGTH = 60
STRICT = "strict"
MODES = ("skip", STRICT)  # what the preview shows is left out, unless the user wants all or nothing
COLUMN, FOR_ALL = "column-", "all-"
ASKED_BESIDES = [name for name in CopiedForm.base_fields if name != "template"]


class CopiedPage(PageForm, CopiedForm):
    """Whose configuration they get, on the page."""

    chosen: Any = None


class ForAll(forms.Form):
    """The same for every row, where the file has no column for it."""

    country = fields.CountryField(label=gettext_lazy("Country"), required=False)
    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    partner = forms.ChoiceField(label=gettext_lazy("Partner"), required=False)
    gateway_pool = forms.ChoiceField(label=gettext_lazy("Gateway pool"), required=False)
    operator_profile = forms.ChoiceField(label=gettext_lazy("Operator profile"), required=False)

    def __init__(self, *, actor: Actor, initial: dict[str, str]) -> None:
        super().__init__(initial=initial, prefix="all", auto_id="id_%s")
        self._offer("gateway_pool", gateway_pools_for(actor), _("The default pool"))
        self._offer("operator_profile", creation.usable_profiles(actor), _("The default profile"))
        self._offer("partner", partners_for(actor), _("No partner"))
        zones = fields.TimeZoneField().choices
        self.fields["timezone"].choices = [("", _("UTC")), *zones]  # type: ignore[attr-defined, misc]
        if actor.level == "partner":
            del self.fields["partner"]
        for field in self.fields.values():
            field.widget.attrs["class"] = look(field.widget)

    def _offer(self, name: str, rows: QuerySet[Any], nothing: str) -> None:
        names = rows.order_by("name_key").values_list("name", flat=True)
        self.fields[name].choices = [("", nothing), *((each, each) for each in names)]  # type: ignore[attr-defined]


@require_safe
def columns(request: Request, file: UUID) -> HttpResponse:
    """The mapping as it was kept for such a file, or as its headings suggest."""
    admitted(request.actor)
    try:
        page = sheet.read(upload.content_of(request.actor, file), told_encoding(request.GET.get("encoding")))
        kept = mapping_memory.recall(request.actor, page.headings)
        return shown(request, file, page, kept if kept is not None else mapping.guess(page.headings))
    except InvalidParams as error:
        return chosen_badly(request, error)


def shown(
    request: Request, file: UUID, page: Sheet, chosen: Mapping[str, Any], error: InvalidParams | None = None
) -> HttpResponse:
    """The page with this mapping; errors stand on top. Raises InvalidParams where the first rows are no CSV."""
    records = [record for _line, record in islice(page.rows(), SAMPLES)]
    targets = {_column(page, source): target for target, source in chosen.items()}
    context = {
        "file": file,
        "sheet": page,
        "separator": {"\t": _("tab"), "|": "|"}.get(page.separator, page.separator),
        "encodings": sheet.ENCODINGS,
        "encoding_name": sheet.ENCODINGS.get(page.encoding, page.encoding.upper()),
        "told": request.GET.get("encoding") or request.POST.get("encoding", ""),
        "columns": [
            {
                "number": number,
                "heading": heading or _("Column %(number)d") % {"number": number + 1},
                "samples": [record[number][:SAMPLE_LENGTH] for record in records if number < len(record)],
                "target": targets.get(number, ""),
            }
            for number, heading in enumerate(page.headings)
        ],
        "targets": [
            (target, mapping.label(target)) for target in mapping.TARGETS
            if target != "partner" or request.actor.level != "partner"
        ],
        "for_all": ForAll(actor=request.actor, initial=_constants(chosen)),
        "template_form": template_form(request),
        "strict": besides_of(request)["mode"] == STRICT,
        "messages": [each["message"] for found in error.errors.values() for each in found] if error else (),
    }  # fmt: skip
    return render(request, "imports/columns.html", context, status=error.status if error else 200)


def posted(request: Request, page: Sheet) -> dict[str, Any]:
    """The mapping that the page posted. Raises InvalidParams where two columns go to one field, or none to any."""
    chosen: dict[str, Any] = {}
    for place in range(len(page.headings)):
        target = request.POST.get(f"{COLUMN}{place}", "")
        if target in chosen:
            message = _("Two columns go to %(field)s.") % {"field": mapping.label(target)}
            raise InvalidParams.one("mapping", "used_twice", message)
        if target in mapping.TARGETS:
            chosen[target] = _source(page, place)
    if not chosen:
        raise InvalidParams.one("mapping", "not_mapped", _("Say where the columns go."))
    for name in ForAll.base_fields:
        value = request.POST.get(f"{FOR_ALL}{name}", "")
        if value and name not in chosen:
            chosen[name] = {"value": value}
    return chosen


def template_form(request: Request) -> CopiedPage | None:
    """Whose configuration all of them get, where the user may clone."""
    if not request.actor.may(Permission.CUSTOMER_CLONE):
        return None
    form = CopiedPage(actor=request.actor, initial=besides_of(request))
    form.chosen = form.fields["template"].queryset.filter(pk=form.initial.get("template") or 0).first()  # type: ignore[attr-defined]
    return form


def besides_of(request: Request) -> dict[str, Any]:
    """What becomes of bad rows, and the template with what is copied besides, as posted."""
    mode = MODES[request.POST.get("mode") == STRICT]
    chosen = number(request.POST.get("template"))
    flags = {name: True for name in ASKED_BESIDES if request.POST.get(name)}
    return {"mode": mode, "template": chosen, **flags} if chosen else {"mode": mode}


def told_encoding(text: str | None) -> str:
    """The encoding that the user chose; anything else is found out."""
    return text if text in sheet.ENCODINGS else ""


def _source(page: Sheet, number: int) -> Any:
    """The heading, or the number of the column where the heading is empty or stands twice."""
    heading = page.headings[number]
    return heading if heading and page.headings.count(heading) == 1 else {"column": number + 1}


def _column(page: Sheet, source: Any) -> int | None:
    if isinstance(source, dict):
        return int(source["column"]) - 1 if "column" in source else None
    return page.headings.index(source) if source in page.headings else None


def _constants(chosen: Mapping[str, Any]) -> dict[str, str]:
    return {name: source["value"] for name, source in chosen.items() if isinstance(source, dict) and "value" in source}
