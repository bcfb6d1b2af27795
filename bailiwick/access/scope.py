"""Which rows an actor may see: every door and every action reaches rows from here, never from a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from django.db.models import Case, CharField, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Now
from django.utils.translation import gettext as _

from bailiwick.access.told import ACCESS, open_to
from bailiwick.audit import BETWEEN
from bailiwick.models import (
    Customer,
    CustomerProfile,
    CustomersEvent,
    Edge,
    Event,
    GatewayPool,
    IdentityProvider,
    Job,
    OperatorProfile,
    Partner,
    PartnerPool,
    PartnerProfile,
    PartnersEvent,
    Role,
    Selection,
    SoftwareImage,
    Token,
    TransferOffer,
    Upload,
    User,
    VeiledEvent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.access.actor import Actor

Row = TypeVar("Row", bound=Model)
LIVING = Customer.objects.filter(deleted_at=None)  # every page begins with a copy of it


def customers_for(actor: Actor) -> QuerySet[Customer]:
    """The living customers of the actor's portal."""
    return bounded(LIVING.all(), actor, customer="id")


def open_customers_for(actor: Actor) -> QuerySet[Customer]:
    """Those whose facts the actor may read; of others he is told little."""
    return customers_for(actor).filter(open_to(actor))


def closed_customers_for(actor: Actor) -> QuerySet[Customer]:
    """The customers, the deleted too, that did not let the actor's side in."""
    if actor.level not in ACCESS:
        return Customer.objects.none()
    return bounded(Customer.objects.filter(**{ACCESS[actor.level]: False}), actor, customer="id")


def offers_for(actor: Actor) -> QuerySet[TransferOffer]:
    """The open offers: to whom they are made, and the operator who made them."""
    rows = TransferOffer.objects.filter(state="offered", deadline__gt=Now(), customer__deleted_at=None)
    if actor.is_operator:
        return rows
    return rows.filter(partner_id=actor.partner_id or 0) if actor.level == "partner" else rows.none()


def offered_customers_for(actor: Actor) -> QuerySet[Customer]:
    """Customers that wait for this partner's word; it learns their names, and they are not its own yet."""
    rows = LIVING.filter(pk__in=offers_for(actor).values("customer_id"))
    return rows if actor.level == "partner" else rows.none()


def deleted_customers_for(actor: Actor) -> QuerySet[Customer]:
    """The customers in the bin: 30 days, then purged (domain decision 9)."""
    return bounded(Customer.objects.filter(deleted_at__isnull=False), actor, customer="id")


def every_living_customer() -> QuerySet[Customer]:
    """All living customers, whatever the portal: only for rules that hold in the whole installation, such as names.

    Nothing of these rows may reach an actor but the fact that a name is taken.
    """
    return LIVING.all()


def partners_for(actor: Actor) -> QuerySet[Partner]:
    """All partners for an operator, his own for partner staff, none for a customer's administrator."""
    if actor.is_operator:
        return Partner.objects.all()
    return Partner.objects.filter(pk=actor.partner_id or 0) if actor.level == "partner" else Partner.objects.none()


def edges_for(actor: Actor) -> QuerySet[Edge]:
    """The edges of living customers in the actor's portal, without those of customers that gave his side no access."""
    edges = Edge.objects.filter(open_to(actor, "customer__"), customer__deleted_at=None)
    return bounded(edges, actor, customer="customer_id")


def gateway_pools_for(actor: Actor) -> QuerySet[GatewayPool]:
    """The pools that the actor may give to a customer."""
    if actor.is_operator:
        return GatewayPool.objects.all()
    return pools_of(actor.partner_id or 0) if actor.level == "partner" else GatewayPool.objects.none()


def pools_of(partner_id: int) -> QuerySet[GatewayPool]:
    """The pools that a partner owns, or that the operator shares with it."""
    granted = PartnerPool.objects.filter(partner_id=partner_id).values("gateway_pool_id")
    return GatewayPool.objects.filter(Q(partner_id=partner_id) | Q(pk__in=granted))


def operator_profiles_for(actor: Actor) -> QuerySet[OperatorProfile]:
    """The profiles that the actor may give to a customer; a customer's own users choose among those assigned to it."""
    if actor.is_operator:
        return OperatorProfile.objects.all()
    return profiles_of(actor.partner_id or 0) if actor.level == "partner" else _profiles_to_choose(actor)


def _profiles_to_choose(actor: Actor) -> QuerySet[OperatorProfile]:
    """The default and what is assigned besides, while Edge Image Management is on (domain 10.3)."""
    home = customers_for(actor).filter(edge_image_management=True)
    besides = CustomerProfile.objects.filter(customer__in=home).values("operator_profile_id")
    return OperatorProfile.objects.filter(Q(pk__in=home.values("operator_profile_id")) | Q(pk__in=besides))


def profiles_of(partner_id: int) -> QuerySet[OperatorProfile]:
    """The profiles that the operator assigned to a partner: it can pass on no others (domain 8.2)."""
    granted = PartnerProfile.objects.filter(partner_id=partner_id).values("operator_profile_id")
    return OperatorProfile.objects.filter(pk__in=granted)


def software_images_for(actor: Actor) -> QuerySet[SoftwareImage]:
    """The operator's images; partners and customers get them by profiles."""
    return SoftwareImage.objects.all() if actor.is_operator else SoftwareImage.objects.none()


def jobs_for(actor: Actor) -> QuerySet[Job]:
    """Every job for an operator; their own portal's for others, without those of customers that let them in no more."""
    if actor.is_operator:
        return Job.objects.annotate(maker=_maker())
    jobs = bounded(Job.objects.all(), actor, customer="customer_id")
    closed = Exists(closed_customers_for(actor).filter(pk=OuterRef("customer_id")))
    return jobs.filter(~closed) if actor.level == "partner" else jobs


def log_of_job(actor: Actor) -> int | None:
    """The partner that may see the jobs of somebody: none for users of a customer that does not let its partner in."""
    is_open = actor.level != "customer" or customers_for(actor).filter(partner_access=True).exists()
    return actor.partner_id if is_open else None


def _maker() -> Case:
    """Who started a job, as operators read it: users of a home that shows them to no operator are not named."""
    customer = Customer.objects.filter(pk=OuterRef("customer_id"))
    partner = Partner.objects.filter(pk=OuterRef("partner_id"))
    home = Coalesce(Subquery(customer.values("name")), Subquery(partner.values("name")))
    veiled = Concat(Value(_("an administrator of ")), home)
    known = Q(Exists(customer.filter(operator_access=True, operator_user_management=True)))
    named = known | Q(customer_id=None) & ~Q(Exists(partner.filter(operator_access=False)))
    return Case(When(named, then=F("actor_name")), default=veiled, output_field=CharField())


def selections_for(actor: Actor) -> QuerySet[Selection]:
    """A ticket belongs to the user who made it."""
    return Selection.objects.filter(user_id=actor.user_id)


def uploads_for(actor: Actor) -> QuerySet[Upload]:
    """A file belongs to the user who gave it."""
    return Upload.objects.filter(user_id=actor.user_id)


def events_for(actor: Actor) -> QuerySet[Event]:
    """The events of the actor's portal: operators read through a veil over other people's users (domain 8.4).

    Of a customer that is seen by name only its partner reads what gave and took access, and of one that moves
    nothing of the partner on the other side. What was done while it was closed never names the partner (audit.py).
    """
    if actor.is_operator:
        return cast("QuerySet[Event]", VeiledEvent.objects.all())
    if actor.level != "partner":
        return cast("QuerySet[Event]", bounded(CustomersEvent.objects.all(), actor, customer="customer_id"))
    rows = cast("QuerySet[Event]", bounded(PartnersEvent.objects.all(), actor, customer="customer_id"))
    closed = closed_customers_for(actor).filter(pk=OuterRef("customer_id"))
    return rows.filter(~Exists(closed) | Q(name__in=BETWEEN))


# Who sees the users of which level, and which of them (domain 8.4): the table behind every deed to a user.
SEEN_USERS: dict[tuple[str, str], Callable[[Actor], Q]] = {
    ("operator", "operator"): lambda _actor: Q(level="operator"),
    ("operator", "partner"): lambda _actor: Q(level="partner", partner__operator_access=True),
    ("operator", "customer"): lambda _actor: Q(
        level="customer", customer__operator_access=True, customer__operator_user_management=True
    ),
    ("partner", "partner"): lambda actor: Q(level="partner", partner_id=actor.partner_id),
    ("partner", "customer"): lambda actor: Q(
        level="customer", partner_id=actor.partner_id, customer__partner_access=True
    ),
    ("customer", "customer"): lambda actor: Q(level="customer", customer_id=actor.customer_id),
}


def users_for(actor: Actor) -> QuerySet[User]:
    """The users whom the actor may see: those of his own home, and of homes below that let him."""
    seen = Q(pk__in=())
    for (mine, _theirs), rows in SEEN_USERS.items():
        if mine == actor.level:
            seen |= rows(actor)
    return User.objects.filter(seen, deleted_at=None, customer__deleted_at=None)


def roles_for(actor: Actor) -> QuerySet[Role]:
    """The custom roles of the actor's own home."""
    roles = Role.objects.filter(level=actor.level)
    return roles if actor.is_operator else bounded(roles, actor, customer="customer_id")


def tokens_for(actor: Actor) -> QuerySet[Token]:
    """The actor's own tokens."""
    return Token.objects.filter(user_id=actor.user_id)


def providers_for(actor: Actor) -> QuerySet[IdentityProvider]:
    """The identity providers of the actor's own home, and of no other: who vouches is not for others to say."""
    mine = IdentityProvider.objects.filter(level=actor.level)
    return mine if actor.is_operator else bounded(mine, actor, customer="customer_id")


def living_providers() -> QuerySet[IdentityProvider]:
    """All that may sign somebody in, whatever the home: only for the sign-in page, before it is known who comes."""
    return IdentityProvider.objects.filter(is_active=True, customer__deleted_at=None)


def bounded(rows: QuerySet[Row], actor: Actor, *, customer: str) -> QuerySet[Row]:
    """Compares plain columns only, as the row-level security behind it does."""
    if actor.is_operator:
        return rows
    if actor.level == "partner":
        return rows.filter(partner_id=actor.partner_id)
    return rows.filter(**{customer: actor.customer_id})
