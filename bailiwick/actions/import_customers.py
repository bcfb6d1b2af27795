"""Import Customers: many customers from a CSV file, every error of every row at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.engine.action import Create
from bailiwick.engine.configuration import clone
from bailiwick.engine.forms.clone_form import CopiedForm, asked_of, hindered
from bailiwick.engine.forms.form import DefaultsForm, InvalidParams
from bailiwick.engine.intake import creation, mapping, sheet, upload
from bailiwick.engine.intake.cells import Reader
from bailiwick.engine.intake.stock import lacking
from bailiwick.engine.reasons import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.engine.intake.batch import InputBatch


class ImportCustomers(Create):
    """Creates customers from a CSV file. Rows without gateway pool or operator profile take default ones."""

    label = gettext_lazy("Import Customers")
    permission = Permission.CUSTOMER_CREATE
    event = "CREATE_ENTERPRISE"
    category = "ENTERPRISE"
    group = "create"
    page = "customers-import"
    many = True

    class Params(CopiedForm, DefaultsForm):
        """The file, which column goes where, what happens to bad rows, and whose configuration all of them get."""

        file = upload.UploadField(label=gettext_lazy("File"))
        mapping = forms.JSONField(
            label=gettext_lazy("Mapping"),
            required=False,
            help_text=gettext_lazy('Field to heading, such as {"name": "Company", "country": {"value": "US"}}.'),
        )
        mode = forms.ChoiceField(
            label=gettext_lazy("If a row has an error"),
            choices=[
                ("strict", gettext_lazy("Create no customer at all")),
                ("skip", gettext_lazy("Leave this row out and create the others")),
            ],
            widget=forms.RadioSelect,
            initial="strict",
        )
        encoding = forms.ChoiceField(
            label=gettext_lazy("Encoding"),
            choices=[("", gettext_lazy("Find out")), *sheet.ENCODINGS.items()],
            required=False,
        )

    def gate(self, actor: Actor) -> None:
        """The same two system properties as for a single one (domain 2.1)."""
        creation.require_open(actor)

    def inputs(self, params: Mapping[str, Any], actor: Actor) -> Iterator[dict[str, Any]]:
        """One row for each record, good or bad."""
        page = sheet.read(upload.content_of(actor, params["file"]), params["encoding"])
        sources = mapping.resolve(page.headings, params["mapping"])
        reader = Reader(sources, actor, guarded=mapping.is_ours(page.headings))
        width, line = len(page.headings), 0
        for line, record in page.rows():
            yield reader.row(line, record, width)
        if not line:
            raise InvalidParams.one("file", "no_rows", _("This file has no rows below its headings."))

    def problems(
        self,
        rows: Sequence[dict[str, Any]],
        params: Mapping[str, Any],
        actor: Actor,
    ) -> list[Problem]:
        """What was wrong in the file, and what is taken now, in the order of the lines."""
        unread = [Problem(row["line"], f, message, code) for row in rows for f, code, message in row.get("errors", ())]
        read = [{"partner_id": None, **row} for row in rows if "errors" not in row]
        # A bad row takes no name from a good one, and hears all that is wrong with it all the same.
        bad = [row for row in rows if "errors" in row]
        found = [*unread, *creation.taken(read), *creation.taken(bad, alone=True), *lacking(read, actor)]
        hinders = hindered(params) if params.get("template") else []
        found += [
            Problem(row["line"], "template", each.because, clone.NOT_CLONEABLE) for row in read for each in hinders
        ]
        return sorted(found, key=lambda problem: problem.line)

    def is_strict(self, params: Mapping[str, Any]) -> bool:
        """One bad row refuses them all."""
        return bool(params["mode"] == "strict")

    def make(self, batch: InputBatch) -> None:
        """A chunk of customers, set-based, with the configuration of their template."""
        template = batch.params.get("template")
        if template and batch.rows and (not clone.hold(template.pk) or hindered(batch.params)):
            raise creation.LostRace
        creation.make(batch, batch.rows)
        if template:
            clone.copy(batch, template.pk, asked=asked_of(batch.params))

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """What is copied, and what is not."""
        return clone.told(params["template"], asked_of(params)) if params.get("template") else ()

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return ngettext("Import %(count)s customer", "Import %(count)s customers", count) % {"count": f"{count:,}"}

    def sentence(self, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """The title of the job."""
        return _("Import customers")
