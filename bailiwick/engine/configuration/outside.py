"""What leads out of a configuration, to edges and gateways: a copy has their names, for somebody to choose its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.engine.configuration.check import EDGE, GATEWAY
from bailiwick.engine.configuration.kinds import HUB, KINDS, PARTNER_GATEWAY
from bailiwick.engine.configuration.schema import references
from bailiwick.models import ConfigurationObject, Edge, Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TO_CHOOSE = "{field}_to_choose"


def leave_to_choose(source_id: int, to: Sequence[int]) -> list[str]:
    """Puts names in the place of references in the copies; says each as profile, field and name."""
    outside = ConfigurationObject.objects.filter(customer_id=source_id, blocker__in=(HUB, PARTNER_GATEWAY))
    rows = list(outside.order_by("local_id"))
    names = _names(rows)
    copies = ConfigurationObject.objects.filter(customer_id__in=to)
    said = []
    for row in rows:
        body = _emptied(row.body, names)
        copies.filter(local_id=row.local_id).update(body=body, blocker=KINDS[row.kind].blocker)
        said += [f"{row.name}: {names[each]}" for each in _outside(row)]
    return said


def _outside(row: ConfigurationObject) -> Iterator[str]:
    for each in references(row.kind, row.body):
        if each.kind in (EDGE, GATEWAY):
            yield each.to.lower()


def _names(rows: Sequence[ConfigurationObject]) -> dict[str, str]:
    """How those that are named are called; one that is gone by its id."""
    ids = {each for row in rows for each in _outside(row)}
    edges = Edge.objects.filter(logical_id__in=ids, customer_id__in={row.customer_id for row in rows})
    gateways = Gateway.objects.filter(logical_id__in=ids)
    found = [*edges.values_list("logical_id", "name"), *gateways.values_list("logical_id", "name")]
    return dict.fromkeys(ids, "?") | {str(logical_id): name for logical_id, name in found}


def _emptied(value: Any, names: Mapping[str, str]) -> Any:
    """The same with lists of names instead of lists of ids."""
    if isinstance(value, list):
        return [_emptied(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    body = {field: _emptied(inner, names) for field, inner in value.items()}
    for field, inner in value.items():
        if isinstance(inner, list) and inner and all(isinstance(each, str) and each.lower() in names for each in inner):
            body[TO_CHOOSE.format(field=field)] = [names[each.lower()] for each in inner]
            del body[field]
    return body
