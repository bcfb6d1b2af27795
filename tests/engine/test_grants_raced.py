"""What partners may give, taken away at the instant at which somebody relies on it: real connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine import partners
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.profile_removal import remove
from bailiwick.engine.submit import submit
from bailiwick.models import (
    Customer,
    CustomerProfile,
    GatewayPool,
    OperatorProfile,
    PartnerPool,
    PartnerProfile,
    SystemProperty,
)
from tests.engine.test_fuse import behind
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

RACES = 20


class Border(World):
    """Zenith may give a second pool and a second profile; one customer has both, one of Zenith's may choose."""

    def __init__(self) -> None:
        super().__init__()
        self.nordic = GatewayPool.objects.create(name="Nordic", name_key="nordic")
        self.early = OperatorProfile.objects.create(name="Early", name_key="early", image=self.profile.image)
        PartnerPool.objects.create(partner=self.zenith, gateway_pool=self.nordic)
        PartnerProfile.objects.create(partner=self.zenith, operator_profile=self.early)
        self.direct, self.theirs = self.customer("Direct"), self.customer("Theirs", partner=self.zenith)
        Customer.objects.filter(pk=self.theirs.pk).update(edge_image_management=True)
        Customer.objects.filter(pk=self.direct.pk).update(gateway_pool=self.nordic, operator_profile=self.early)

    def do(self, slug: str, user: Any, customer: Customer | None = None, **raw: Any) -> Any:
        select = {"ids": [customer.pk]} if customer else None
        return submit(self.actor(user, "api"), MENU[slug], select=select, raw=raw, now=timezone.now())

    def give(self, **raw: Any) -> Any:
        return self.do("transfer-to-partner", self.olga, self.direct, partner=self.zenith.pk, **raw)

    def make(self, slug: str = "new-customer", **more: Any) -> Any:
        home = {"partner": self.zenith.pk, "gateway_pool": self.nordic.pk, "operator_profile": self.early.pk}
        return self.do(slug, self.olga, name="Fabrikam", account_number="F-1", **home, **more)

    def withdraw(self) -> None:
        """The operator takes the second of each away."""
        raw = {"gateway_pools": [self.pool.pk], "operator_profiles": [self.profile.pk]}
        partners.update(self.actor(self.olga, "api"), self.zenith.pk, raw, now=timezone.now())

    def removed(self) -> None:
        """The operator takes the second profile off all."""
        remove(
            self.actor(self.olga, "api"), MENU["unassign-operator-profile"], self.early.pk, confirm=1,  # type: ignore[arg-type]
            now=timezone.now(),
        )  # fmt: skip


def forbidden() -> set[str]:
    """The customers that have what their partner may not give."""
    pools = PartnerPool.objects.filter(partner_id=OuterRef("partner_id"), gateway_pool_id=OuterRef("gateway_pool_id"))
    same = {name: OuterRef(name) for name in ("partner_id", "operator_profile_id")}
    profiles = PartnerProfile.objects.filter(**same)
    owned = Customer.objects.filter(partner__isnull=False)
    besides = CustomerProfile.objects.filter(~Exists(profiles), partner_id__isnull=False)
    return {
        *owned.filter(~Exists(pools)).values_list("name", flat=True),
        *owned.filter(~Exists(profiles)).values_list("name", flat=True),
        *besides.values_list("customer__name", flat=True),
    }


@pytest.fixture
def border(transactional_db: None) -> Border:
    return Border()


def moves(border: Border) -> Any:
    """To a pool that is taken away, from one that the partner never had."""
    other = GatewayPool.objects.create(name="Other", name_key="other")
    Customer.objects.filter(pk=border.direct.pk).update(gateway_pool=other, operator_profile=border.profile)
    raw = {"missing_pool": "move", "gateway_pool": border.nordic.pk}
    return lambda: border.give(**raw)


def accepts(border: Border) -> Any:
    """What was offered while the partner had all."""
    SystemProperty.objects.create(name="session.options.partnerAcceptsTransfers", value=True)
    border.give()
    return lambda: border.do("accept-transfer", border.stranger, border.direct)


def assigns(border: Border) -> Any:
    """One more to choose."""
    return lambda: border.do(
        "assign-operator-profile", border.olga, border.theirs, operator_profile=border.early.pk, other_kind=True
    )


def modifies(border: Border) -> Any:
    """Another default."""
    return lambda: border.do("modify-customer", border.stranger, border.theirs, operator_profile=border.early.pk)


RELIANT: dict[str, Callable[[Border], Callable[[], Any]]] = {
    "transfer": lambda border: border.give,
    "transfer that adds": lambda border: lambda: border.give(add_profiles=True, missing_pool="share"),
    "transfer that moves": moves,
    "acceptance": accepts,
    "assignment": assigns,
    "new default": modifies,
    "new customer": lambda border: border.make,
    "clone": lambda border: lambda: border.make("clone-customer", template=border.direct.pk),
}


@pytest.mark.parametrize("kind", RELIANT)
def test_what_waits_for_a_withdrawal_is_judged_by_what_is_left(border: Border, kind: str) -> None:
    behind(_whatever_comes(RELIANT[kind](border)), border.withdraw)
    assert forbidden() == set()


def test_a_profile_that_is_removed_from_all_reaches_nobody(border: Border) -> None:
    behind(_whatever_comes(border.give), border.removed)
    assert forbidden() == set()


@pytest.mark.parametrize("kind", ["transfer", "assignment"])
def test_of_twenty_races_none_leaves_a_customer_with_what_its_partner_lacks(border: Border, kind: str) -> None:
    deed = RELIANT[kind](border)
    for _race in range(RACES):
        _at_once(deed, border.withdraw)
        assert forbidden() == set()
        _reset(border)


def _whatever_comes(work: Callable[[], Any]) -> Callable[[], None]:
    """Either is refused in words where the other was first."""

    def done() -> None:
        try:
            work()
        except InvalidParams as refused:
            assert refused.errors

    return done


def _at_once(*deeds: Callable[[], Any]) -> None:
    start = Barrier(len(deeds), timeout=20)

    def do(deed: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            _whatever_comes(deed)()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        for future in [pool.submit(do, deed) for deed in deeds]:
            future.result(timeout=20)


def _reset(border: Border) -> None:
    """As before the race."""
    PartnerPool.objects.get_or_create(partner=border.zenith, gateway_pool=border.nordic)
    PartnerProfile.objects.get_or_create(partner=border.zenith, operator_profile=border.early)
    CustomerProfile.objects.all().delete()
    Customer.objects.filter(pk=border.direct.pk).update(partner=None, partner_access=False)
