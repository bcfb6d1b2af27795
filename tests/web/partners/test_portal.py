"""A partner's portal on the same pages: exactly the actions of domain 8.5, and whose event it is."""

from __future__ import annotations

import re

from bailiwick.models import Event
from tests.web.conftest import signed_in
from tests.world import NOW, World

# Domain 8.5. Import is New for many; Clone comes with its issue.
OFFERED = {
    "clone-customer",
    "new-customer",
    "import-customers",
    "modify-customer",
    "delete-customer",
    "support-email",
    "assign-operator-profile",
    "update-edge-image-management",
    "update-customer-alerts",
    "export-all-customers",
    "export-customer-edge-inventory",
}
WITHHELD = {"transfer-to-partner", "release-from-partner", "update-pre-notifications"}


def offered(user) -> set[str]:
    menu = signed_in(user, headers={"HX-Request": "true"}).get("/actions/menu?count=1").content.decode()
    page = signed_in(user).get("/customers").content.decode()
    return set(re.findall(r'data-action="([a-z-]+)"', menu)) | set(
        re.findall(r"/actions/([a-z-]+)/dialog", menu + page)
    )


def test_a_partners_superuser_is_offered_exactly_this(world: World):
    assert offered(world.pia) == OFFERED


def test_a_partners_standard_admin_does_not_delete(world: World):
    standard = world.user("s@acme.example", "partner", "partner-standard", partner=world.acme)
    assert offered(standard) == OFFERED - {"clone-customer", "delete-customer"}


def test_trf_09_what_is_withheld_is_refused_at_the_door_too(world: World):
    browser = signed_in(world.pia, headers={"HX-Request": "true"})
    for slug in WITHHELD:
        answer = browser.post(f"/actions/{slug}/dialog", {"select": f'{{"ids":[{world.contoso.pk}]}}'})
        assert (slug, answer.status_code) == (slug, 403)


def test_both_names_stand_in_an_event(world: World):
    about = {"at": NOW, "door": "web", "actor_name": world.olga.email, "partner_id": world.acme.pk}
    Event.objects.create(name="CREATE_USER", subject="ada@contoso.example", customer_id=world.contoso.pk, **about)
    Event.objects.create(name="CREATE_USER", subject="ben@acme.example", **about)
    shown = signed_in(world.stan).get("/events").content.decode()
    assert '<bdi class="text-secondary">Contoso</bdi>' in shown
    assert '<bdi class="text-secondary">Acme Partners</bdi>' in shown
    assert world.olga.email in shown
