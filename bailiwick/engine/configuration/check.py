"""Whether an object may stand in a customer's configuration: its schema, whom it names, what the customer may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bailiwick.engine.configuration.capability import in_use
from bailiwick.engine.configuration.kinds import HUB, KINDS, PARTNER_GATEWAY, Kind, Travels
from bailiwick.engine.configuration.schema import Fault, Reference, faults, references, schema_of
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import ConfigurationObject, Edge, Gateway

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bailiwick.models import Customer

EDGE, GATEWAY = "edge", "gateway"
MOST_OBJECTS = 20_000


class Named:
    """Whom a body names: `ids` in the configuration itself, and what else that hinders copying."""

    def __init__(self, kind: Kind, found: Iterable[Reference]) -> None:
        self.found = list(found)
        self.ids = {each.to for each in self.found if each.kind not in (EDGE, GATEWAY)}
        outside = {each.kind for each in self.found} if kind.travels is not Travels.NEVER else set()
        self.blocker = kind.blocker or (HUB if EDGE in outside else PARTNER_GATEWAY if GATEWAY in outside else "")


def checked(customer: Customer, kind: Kind, body: Any) -> Named:
    """Raises InvalidParams with every fault of the body and where it is."""
    wrong = faults(kind.slug, body)
    if wrong:
        raise invalid(wrong)
    named = Named(kind, references(kind.slug, body))
    wrong = list(_dangling(customer, named.found))
    if wrong:
        raise invalid(wrong)
    return named


def invalid(wrong: Iterable[Fault]) -> InvalidParams:
    """As the errors of the field `body`; each says where."""
    told = [{"code": each.code, "message": _at(each), "path": each.path} for each in wrong]
    return InvalidParams({"body": told})


def _at(fault: Fault) -> str:
    return f"{fault.path}: {fault.because}" if fault.path else fault.because


def _dangling(customer: Customer, found: list[Reference]) -> Iterator[Fault]:
    """References to what is not there, or is of another kind."""
    ids = [each.to for each in found if each.kind not in (EDGE, GATEWAY)]
    known = set(_objects(customer).filter(local_id__in=ids).values_list("kind", "local_id")) if ids else set()
    known |= {(EDGE, str(each)) for each in _edges(customer, [each.to for each in found if each.kind == EDGE])}
    known |= {(GATEWAY, str(each)) for each in _gateways(customer, [each.to for each in found if each.kind == GATEWAY])}
    for each in found:
        key = (each.kind, each.to.lower() if isinstance(each.to, str) else each.to)
        if key not in known:
            label = KINDS[each.kind].label if each.kind in KINDS else each.kind
            message = _("There is no such %(kind)s in this customer.") % {"kind": str(label).lower()}
            yield Fault(each.path, "dangling_reference", message)


def _edges(customer: Customer, ids: list[str]) -> Iterable[Any]:
    mine = Edge.objects.filter(customer_id=customer.pk, logical_id__in=ids)
    return mine.values_list("logical_id", flat=True) if ids else ()


def _gateways(customer: Customer, ids: list[str]) -> Iterable[Any]:
    mine = Gateway.objects.filter(pools=customer.gateway_pool_id, logical_id__in=ids)
    return mine.values_list("logical_id", flat=True) if ids else ()


def require_room(customer: Customer, kind: Kind) -> None:
    """Raises InvalidParams where the customer may have no more of the kind (domain 4.2)."""
    if kind.slug == "segment" and _count(customer, kind) >= (most := maximum_segments(customer)):
        message = _("This customer may have %(n)d segments, and has them.") % {"n": most}
        raise InvalidParams.one("name", "segment_limit", message, status=409)
    if _objects(customer).filter(edge=None).count() >= MOST_OBJECTS:
        message = _("A configuration may have %(n)d objects, and this one has them.") % {"n": MOST_OBJECTS}
        raise InvalidParams.one("name", "object_limit", message, status=409)


def require_enough(customer: Customer, kind: Kind, body: Mapping[str, Any]) -> None:
    """Raises InvalidParams where a lower limit is below what is in use, or a capability goes that is (domain 4.3)."""
    if kind.slug == "capabilities":
        before = _objects(customer).filter(kind=kind.slug).first()
        if wrong := list(in_use(customer, before.body if before else {}, body)):
            raise InvalidParams(invalid(wrong).errors, status=409)
    used = _count(customer, KINDS["segment"]) if kind.slug == "limits" else 0
    if used > body.get("maximum_segments", _usual_segments()):
        message = _("%(n)d segments are in use.") % {"n": used}
        raise InvalidParams({"body": [{"code": "in_use", "message": message, "path": "/maximum_segments"}]}, status=409)


def maximum_segments(customer: Customer) -> int:
    """How many segments the customer may have."""
    limits = _objects(customer).filter(kind="limits").first()
    return int((limits.body if limits else {}).get("maximum_segments", _usual_segments()))


def _usual_segments() -> int:
    return int(schema_of("limits")["properties"]["maximum_segments"]["default"])


def _count(customer: Customer, kind: Kind) -> int:
    return int(_objects(customer).filter(kind=kind.slug).count())


def _objects(customer: Customer) -> Any:
    return ConfigurationObject.objects.filter(customer_id=customer.pk)
