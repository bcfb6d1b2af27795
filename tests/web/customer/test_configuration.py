"""The configuration of a customer on pages: who sees and changes it, forms made from schemas, versions, conflicts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bailiwick.models import ConfigurationObject, Customer
from tests.configured import add, furnish, one
from tests.web.conftest import signed_in
from tests.world import World


def page(customer: Customer, *more: object) -> str:
    return "/".join(["", "customers", str(customer.pk), "configuration", *map(str, more)])


def posted(**values: Any) -> dict[str, Any]:
    return {"csrfmiddlewaretoken": "x", "says": "1", **values}


@pytest.mark.parametrize(("who", "reads", "makes"), [("olga", 200, 302), ("sam", 200, 403), ("pia", 200, 302),
                                                     ("carla", 200, 302), ("stranger", 404, 404)])  # fmt: skip
def test_who_reads_and_who_changes(world: World, who: str, reads: int, makes: int) -> None:
    browser = signed_in(getattr(world, who), raise_request_exception=False)
    assert browser.get(page(world.contoso)).status_code == reads
    made = browser.post(page(world.contoso, "new", "private-network-name"), posted(name="Lab"))
    assert made.status_code == makes
    assert ConfigurationObject.objects.exists() == (makes == 302)


def test_what_the_operator_decides_is_read_by_others(world: World) -> None:
    pk = add(world.actor(world.olga), world.contoso, "capabilities", {"firewall_logging": True})
    carla = signed_in(world.carla, raise_request_exception=False)
    shown = carla.get(page(world.contoso, pk)).content.decode()
    assert "firewall_logging" in shown
    assert "Save" not in shown
    assert carla.post(page(world.contoso, pk), posted(version=1)).status_code == 403
    assert carla.get(page(world.contoso, "new", "limits")).status_code == 403


def test_a_form_of_a_schema_makes_what_the_schema_says(world: World) -> None:
    olga = signed_in(world.olga)
    made = furnish(world.actor(world.olga), world.contoso)
    rule = {"name": "Out", "position": 5, "match.segment": made["segment"], "match.dscp": 46, "action": "ALLOW"}
    address = f"{page(world.contoso, 'new', 'firewall-rule')}?profile={made['profile']}"
    assert olga.post(address, posted(**rule, log="on")).status_code == 302
    row = ConfigurationObject.objects.get(name="Out")
    assert row.body == {
        "match": {"segment": made["segment"], "dscp": 46},
        "action": "ALLOW",
        "log": True,
        "enabled": False,
    }
    assert (row.parent_id, row.position) == (made["profile"], 5)
    shown = olga.get(page(world.contoso, row.local_id)).content.decode()
    assert f'<option value="{made["segment"]}" selected>Cards</option>' in shown


def test_faults_stand_beside_their_fields(world: World) -> None:
    olga = signed_in(world.olga)
    wrong = posted(name="DNS", type="PUBLIC", servers="10.0.0.1\nnowhere")
    answer = olga.post(page(world.contoso, "new", "dns-service"), wrong)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert re.findall(r'id="(\w+)_error">([^<]*)', shown) == [("id_servers", "/servers/1: This is no IP address.")]
    assert "10.0.0.1\nnowhere</textarea>" in shown


def test_a_stale_page_loses_nobodys_change(world: World) -> None:
    olga, carla = signed_in(world.olga), signed_in(world.carla)
    pk = add(world.actor(world.olga), world.contoso, "dns-service", {"servers": ["1.1.1.1"]}, name="DNS")
    values = {"name": "DNS", "type": "PUBLIC", "version": 1}
    assert carla.post(page(world.contoso, pk), posted(**values, servers="9.9.9.9")).status_code == 302
    stale = olga.post(page(world.contoso, pk), posted(**values, servers="8.8.8.8"))
    assert stale.status_code == 422
    assert "Somebody changed this meanwhile" in stale.content.decode()
    assert one(world.contoso, "dns-service").body["servers"] == ["9.9.9.9"]


def test_an_earlier_version_is_compared_and_comes_back(world: World) -> None:
    olga = signed_in(world.olga)
    pk = add(world.actor(world.olga), world.contoso, "dns-service", {"servers": ["1.1.1.1"]}, name="DNS")
    olga.post(page(world.contoso, pk), posted(name="DNS", type="PUBLIC", version=1, servers="9.9.9.9"))
    shown = olga.get(page(world.contoso, pk)).content.decode()
    assert "<del><bdi>1.1.1.1</bdi></del>" in shown
    assert olga.post(page(world.contoso, pk, "versions", 1, "restore")).status_code == 302
    assert one(world.contoso, "dns-service").body == {"servers": ["1.1.1.1"]}
    assert olga.post(page(world.contoso, pk, "versions", 99, "restore")).status_code == 404


def test_what_is_named_says_by_whom_instead_of_going(world: World) -> None:
    olga = signed_in(world.olga)
    made = furnish(world.actor(world.olga), world.contoso)
    kept = olga.post(page(world.contoso, made["segment"], "delete"))
    assert (kept.status_code, "Used by Branch / Device-Settings" in kept.content.decode()) == (422, True)
    assert olga.post(page(world.contoso, made["profile"], "delete"))["Location"] == page(world.contoso)
    assert not ConfigurationObject.objects.filter(parent_id=made["profile"]).exists()


def test_text_of_people_is_escaped(world: World) -> None:
    pk = add(world.actor(world.olga), world.contoso, "segment", {"description": "<b>x</b>"}, name="<i>S</i>")
    for path in (page(world.contoso), page(world.contoso, pk)):
        shown = signed_in(world.olga).get(path).content.decode()
        assert "<i>S</i>" not in shown
        assert "<b>x</b>" not in shown


def test_the_page_says_why_a_customer_is_no_template(world: World) -> None:
    add(world.actor(world.olga), world.contoso, "vnf", {"vendor": "FORTINET"}, name="Wall")
    shown = signed_in(world.olga).get(page(world.contoso)).content.decode()
    assert "cannot be the template of a clone" in shown
    assert "It has VNFs." in shown


@pytest.mark.parametrize("kind", ["house", "../x"])
def test_a_kind_that_is_none_is_not_there(world: World, kind: str) -> None:
    assert signed_in(world.olga, raise_request_exception=False).get(page(world.contoso, "new", kind)).status_code == 404
