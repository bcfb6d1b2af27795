"""Making, changing and deleting partners: one event a change, in the transaction of the change."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access import users
from bailiwick.access.actor import NotAllowed
from bailiwick.access.opening import open_partner
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import property_value
from bailiwick.access.scope import events_for, partners_for
from bailiwick.engine import grants
from bailiwick.engine.forms.administrator_form import ADMIN
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.engine.forms.partner_form import NewPartnerForm, PartnerForm
from bailiwick.models import Partner
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor

CLOSED = "ENTERPRISE_PROXY_CREATION_DISABLED"
COLUMNS = tuple(name for name in PartnerForm.base_fields if name not in {*grants.FIELDS, "version"})
OTHERS = 20


def require_open() -> None:
    """Raises NotAllowed where the installation takes no more partners (domain 8.1)."""
    if property_value("session.options.disableCreateEnterpriseProxy"):
        raise NotAllowed(_("Creating partners is switched off for this installation."), code=CLOSED)


def settings_of(partner: Partner) -> dict[str, Any]:
    """What stands in every field of the form, as JSON would carry it."""
    return {name: getattr(partner, name) for name in COLUMNS} | grants.fields_of(partner.pk)


def create(actor: Actor, raw: Mapping[str, Any], *, now: datetime) -> Partner:
    """Makes a partner, and invites its first administrator. Raises NotAllowed, InvalidParams."""
    actor.require(Permission.PARTNER_CREATE)
    require_open()
    given = clean(NewPartnerForm, raw, actor)
    values = {name: given[name] for name in COLUMNS}
    with transaction.atomic():
        _refuse_taken_domain(values["domain"])
        partner = Partner(**values, name_key=name_key(values["name"]))
        _save(partner)
        after = {name: value for name, value in values.items() if value not in ("", None)}
        after |= grants.change(partner.pk, given)[1]
        _record(actor, "CREATE_ENTERPRISE_PROXY", partner, now, after=after)
        _invite(actor, partner, given, now)
    return partner


def update(actor: Actor, partner_id: int, raw: Mapping[str, Any], *, now: datetime) -> Partner:
    """Changes the given settings. Raises Partner.DoesNotExist, NotAllowed, InvalidParams (409 for a stale version)."""
    if not actor.may(Permission.PARTNER_UPDATE):
        actor.require(Permission.PARTNER_UPDATE_DELEGATION)
    open_partner(actor, partner_id)
    given = clean(PartnerForm, raw, actor)
    with transaction.atomic():
        partner = partners_for(actor).select_for_update().get(pk=partner_id)
        _refuse_stale(actor, partner, given.pop("version", None))
        new = {name: given[name] for name in COLUMNS if name in given and getattr(partner, name) != given[name]}
        before = {name: getattr(partner, name) for name in new}
        granted_before, granted = grants.change(partner.pk, given)
        if not new and not granted:
            return partner
        if "domain" in new:
            _refuse_taken_domain(new["domain"], but=partner.pk)
        for name, value in new.items():
            setattr(partner, name, value)
        partner.name_key = name_key(partner.name)
        partner.version += 1
        _save(partner)
        _record(actor, "UPDATE_ENTERPRISE_PROXY", partner, now, before=before | granted_before, after=new | granted)
        if "operator_access" in new:
            way = "ENABLE" if new["operator_access"] else "DISABLE"
            access = {"operator_access": new["operator_access"]}
            was = {"operator_access": before["operator_access"]}
            _record(actor, f"PROXY_{way}_OPERATOR_ACCESS", partner, now, before=was, after=access)
    return partner


def _refuse_stale(actor: Actor, partner: Partner, version: int | None) -> None:
    """A page that is out of date is told who changed what since."""
    if version is None or version == partner.version:
        return
    since = min(max(partner.version - version, 1), OTHERS)
    changes = events_for(actor).filter(name="UPDATE_ENTERPRISE_PROXY", partner_id=partner.pk, customer_id=None)
    found = changes.order_by("-id").values("actor_name", "at", "name", "before", "after")[:since]
    told = {
        "code": "stale",
        "message": _("Somebody changed this partner meanwhile."),
        "version": partner.version,
        "others": [{**event, "at": event["at"].isoformat()} for event in found],
    }
    raise InvalidParams({"version": [told]}, status=HTTPStatus.CONFLICT)


def _refuse_taken_domain(domain: str, *, but: int = 0) -> None:
    """Single sign-on finds the partner by its domain, so two cannot have the same; one after the other asks."""
    if not domain:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('partner domain'))")
    if Partner.objects.filter(domain__iexact=domain).exclude(pk=but).exists():
        message = _("Another partner has this domain.")
        raise InvalidParams.one("domain", "domain_taken", message, status=HTTPStatus.CONFLICT)


def _save(partner: Partner) -> None:
    try:
        with transaction.atomic():
            partner.save()
    except IntegrityError as error:
        if "name_key" not in str(error):
            raise
        message = _("Another partner has this name.")
        raise InvalidParams.one("name", "name_taken", message, status=HTTPStatus.CONFLICT) from None


def _invite(actor: Actor, partner: Partner, given: Mapping[str, Any], now: datetime) -> None:
    if not given["admin_email"]:
        return
    about = {name.removeprefix(ADMIN): value for name, value in given.items() if name.startswith(ADMIN)}
    person = users.Person(role="partner-superuser", **about)
    try:
        users.add(actor, person, level="partner", partner_id=partner.pk, customer=None, now=now)
    except ValidationError as error:
        taken = error.error_dict["email"][0]
        code, message = "username_taken", taken.messages[0]
        raise InvalidParams.one("admin_email", code, message, status=HTTPStatus.CONFLICT) from None


def _record(
    actor: Actor,
    name: str,
    partner: Partner,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        actor, name, subject=partner.name, partner_id=partner.pk, before=before, after=after,
        category="ENTERPRISE", at=now,
    )  # fmt: skip
