"""The page of offers: what each of them gives and takes, in words, before anybody answers."""

from __future__ import annotations

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bailiwick.models import Customer, GatewayPool, PartnerPool, PartnerProfile, User
from tests.actions.test_accept_transfer import offer
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.web.conftest import signed_in
from tests.world import World


def test_an_offer_names_every_pool_and_profile_that_it_gives_and_takes(world: World):
    nordic = GatewayPool.objects.create(name="Nordic", name_key="nordic")
    early, special, known = (profile(world, name) for name in ("Early", "Special", "Known"))
    PartnerProfile.objects.create(partner=world.acme, operator_profile=known)
    shared, moved = world.customer("Shared", partner=world.zenith), world.customer("Moved")
    Customer.objects.filter(pk__in=[shared.pk, moved.pk]).update(gateway_pool=nordic)
    Customer.objects.filter(pk=shared.pk).update(operator_profile=special, edge_image_management=True)
    may_choose(shared, known)
    may_choose(shared, early)
    offer(world, shared, to=world.acme, missing_pool="share", add_profiles=True, from_partner=True)
    offer(world, moved, to=world.acme, missing_pool="move", gateway_pool=world.pool.pk)

    def told(user: User) -> dict[str, list[str]]:
        rows = re.findall(
            r'<th scope="row"><bdi>(.*?)</bdi>.*?<td>(<div>.*?)</td>',
            signed_in(user).get("/offers").content.decode(),
            re.DOTALL,
        )
        return {name: re.findall("<div>(.*?)</div>", sentences) for name, sentences in rows}

    own = told(world.pia)
    gains = [
        "Acme Partners may use its gateway pool Nordic too.",
        "Acme Partners may pass on its operator profile Special too.",
        "Acme Partners may pass on its operator profile Early too.",
    ]
    assert own["Shared"] == [
        "It has the gateway pool Nordic and the operator profiles Special, Early, Known.",
        "Your users may open it.",
        *gains,
    ]
    assert own["Moved"] == [
        "It has the gateway pool Nordic and the operator profile 5.2 stable.",
        "Your users may open it.",
        "Its edges leave the gateway pool Nordic for Default pool and connect anew.",
    ]
    seen = told(world.olga)["Shared"]
    assert seen[2:] == ["Zenith loses it, and every access to it.", *gains]
    PartnerPool.objects.create(partner=world.acme, gateway_pool=nordic)
    assert told(world.pia)["Moved"] == own["Moved"][:2]


def test_the_page_of_offers_asks_as_often_for_many_partners_as_for_one(world: World):
    counts = []
    for several in (1, 9):
        for number in range(several):
            offer(world, world.customer(f"C {several} {number}"), to=world.partner(f"P {several} {number}"))
        browser = signed_in(world.olga)
        with CaptureQueriesContext(connection) as asked:
            browser.get("/offers")
        counts.append(len(asked))
    assert counts[0] == counts[1]
