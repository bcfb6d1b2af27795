"""The cast: initials tell the role. Olga, Stan, Bea and Sam are operators, Pia works for Acme, Carla for Contoso."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from bailiwick.access.actor import Actor
from bailiwick.engine.intake.birth import bear
from bailiwick.models import (
    Confirmation,
    Customer,
    CustomerDetail,
    Edge,
    EdgeState,
    GatewayPool,
    OperatorProfile,
    Partner,
    PartnerPool,
    PartnerProfile,
    Rollout,
    SoftwareImage,
    User,
)
from bailiwick.models.text import name_key

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


def person(email: str, level: str, role: str, **home: object) -> User:
    """Somebody who came in once, without a password (argon2 is slow); tests that sign in set one."""
    known = {"email": email, "email_key": email, "level": level, "role": role, "password": "!", "last_login": NOW}
    return User(**known | home)


@dataclass
class World:
    """An operator with two partners and a few customers; every test starts from it."""

    pool: GatewayPool = field(init=False)
    profile: OperatorProfile = field(init=False)
    acme: Partner = field(init=False)
    zenith: Partner = field(init=False)
    numbers: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    def __post_init__(self) -> None:
        image = SoftwareImage.objects.create(name="Edge", version="5.2.0")
        self.pool = GatewayPool.objects.create(name="Default pool", name_key="default pool", is_default=True)
        self.profile = OperatorProfile.objects.create(name="5.2 stable", name_key="5.2 stable", image=image)
        self.acme, self.zenith = self.partners("Acme Partners", "Zenith")
        self.contoso = self.customer("Contoso", partner=self.acme)
        at_contoso = {"customer": self.contoso, "partner": self.acme}
        self.olga, self.stan, self.bea, self.sam, self.pia, self.stranger, self.carla = User.objects.bulk_create(
            (
                person("olga@operator.example", "operator", "superuser"),
                person("stan@operator.example", "operator", "standard"),
                person("bea@operator.example", "operator", "business"),
                person("sam@operator.example", "operator", "support"),
                person("pia@acme.example", "partner", "partner-superuser", partner=self.acme),
                person("stranger@zenith.example", "partner", "partner-superuser", partner=self.zenith),
                person("carla@contoso.example", "customer", "customer-superuser", **at_contoso),
            )
        )

    def partner(self, name: str) -> Partner:
        """Adds one partner."""
        return self.partners(name)[0]

    def partners(self, *names: str) -> list[Partner]:
        """Adds partners that may give the default pool and profile."""
        rows = Partner.objects.bulk_create(Partner(name=name, name_key=name_key(name)) for name in names)
        PartnerPool.objects.bulk_create(PartnerPool(partner=row, gateway_pool=self.pool) for row in rows)
        PartnerProfile.objects.bulk_create(PartnerProfile(partner=row, operator_profile=self.profile) for row in rows)
        return rows

    @staticmethod
    def user(email: str, level: str, role: str, **home: object) -> User:
        """Adds a user who came in once."""
        row = person(email, level, role, **home)
        row.save()
        return row

    @staticmethod
    def confirmed(customer: Customer, address: str) -> None:
        """The customer's contact is this address, and somebody there followed our link."""
        CustomerDetail.objects.filter(customer=customer).update(contact_email=address)
        Confirmation.objects.create(
            customer=customer, partner_id=customer.partner_id, email=address,
            secret_hash=f"{customer.pk} {address}"[:64], created_at=NOW, expires_at=NOW, confirmed_at=NOW,
        )  # fmt: skip

    def customer(self, name: str, **values: object) -> Customer:
        """Adds one customer."""
        return self.customers(1, names=[name], **values)[0]

    def customers(self, number: int, *, names: list[str] | None = None, **values: object) -> list[Customer]:
        """Adds customers with the same values, named in order."""
        rows = []
        for index in range(number):
            serial = next(self.numbers)
            row = {"name": f"Customer {serial:05d}", "account_number": f"A-{serial:05d}", **values}
            if names:
                row["name"] = names[index]
            partner = row.pop("partner", None)
            rows.append(
                row
                | {
                    "partner_id": partner.pk if partner else None,
                    "partner_access": row.get("partner_access", partner is not None),
                    "gateway_pool_id": self.pool.pk,
                    "operator_profile_id": self.profile.pk,
                }
            )
        return bear(rows, now=NOW)

    def rollout(self) -> Rollout:
        """An open roll-out of the profile, of no edge."""
        return Rollout.objects.create(
            operator_profile=self.profile, image=self.profile.image, image_name="Edge 5.2.0", canary=1, percents=[100],
            pause_minutes=1, most_failures=1, patience_minutes=1, judged_since=NOW, actor_name="olga", created_at=NOW,
        )  # fmt: skip

    def edges(self, customer: Customer, number: int = 1, state: str = EdgeState.CONNECTED) -> list[Edge]:
        """Adds edges; the triggers count them."""
        serials = [next(self.numbers) for _ in range(number)]
        return Edge.objects.bulk_create(
            Edge(
                customer=customer,
                partner_id=customer.partner_id,
                name=f"Edge {n}",
                name_key=f"edge {n}",
                state=state,
                created_at=NOW,
            )
            for n in serials
        )

    @staticmethod
    def actor(user: User, door: str = "web") -> Actor:
        """The actor of one of the cast."""
        return Actor.of(user, door=door, address="127.0.0.1")
