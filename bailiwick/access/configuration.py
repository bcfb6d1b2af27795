"""Which configuration an actor may see: that of his portal's living customers, where they let his side in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.access.scope import bounded
from bailiwick.access.told import open_to
from bailiwick.models import ConfigurationObject, ConfigurationVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer


def configuration_for(actor: Actor) -> QuerySet[ConfigurationObject]:
    """The objects as they are."""
    objects = ConfigurationObject.objects.filter(open_to(actor, "customer__"), customer__deleted_at=None)
    return bounded(objects, actor, customer="customer_id")


def profiles(actor: Actor, customer: Customer) -> list[tuple[Any, Any]]:
    """Those of the customer, to choose from."""
    mine = configuration_for(actor).filter(customer_id=customer.pk, kind="profile").order_by("name_key")
    return [("", "–"), *mine.values_list("local_id", "name")]


def past_configuration_for(actor: Actor) -> QuerySet[ConfigurationVersion]:
    """What they said before."""
    versions = ConfigurationVersion.objects.filter(open_to(actor, "customer__"), customer__deleted_at=None)
    return bounded(versions, actor, customer="customer_id")
