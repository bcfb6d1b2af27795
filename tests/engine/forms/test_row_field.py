"""A row is chosen by id, logical id or name at every door; what is unknown or ambiguous is said, not guessed."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.engine.forms.partner_form import PartnerForm
from bailiwick.engine.forms.transfer_form import TransferForm
from bailiwick.management.act.run import act
from bailiwick.models import Customer, Partner
from bailiwick.models.text import name_key
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World

TRANSFER = "transfer-to-partner"


def chosen(world: World, partner: object) -> Any:
    return clean(TransferForm, {"partner": partner}, world.actor(world.olga))["partner"]


def refused(world: World, **raw: object) -> dict[str, list[str]]:
    with pytest.raises(InvalidParams) as refusal:
        clean(TransferForm, raw, world.actor(world.olga))
    return {field: [each["code"] for each in found] for field, found in refusal.value.errors.items()}


def test_a_partner_is_named_by_id_logical_id_or_name(world: World) -> None:
    acme = world.acme
    for said in (acme.pk, str(acme.pk), str(acme.logical_id), "Acme Partners", "  ACME partners ", "ＡＣＭＥ Partners"):
        assert chosen(world, said) == acme


@pytest.mark.parametrize("said", ["Acme", "Nobody", 2**70, -1, "1e3", "9" * 400, "\ufb03" * 255, str(2**62)])
def test_what_names_nothing_is_refused_beside_the_field(world: World, said: object) -> None:
    assert refused(world, partner=said) == {"partner": ["invalid_choice"]}


def test_a_name_of_digits_that_is_another_ones_id_is_ambiguous_and_a_number_is_an_id(world: World) -> None:
    digits = str(world.acme.pk)
    other = Partner.objects.create(name=digits, name_key=name_key(digits))
    assert refused(world, partner=digits) == {"partner": ["ambiguous"]}
    assert chosen(world, world.acme.pk) == world.acme
    assert chosen(world, str(other.logical_id)) == other
    posted = {"select": f'{{"ids":[{world.contoso.pk}]}}', "partner": digits, "partner_access": "on"}
    shown = signed_in(world.olga).post(f"/actions/{TRANSFER}/preview", posted).content.decode()
    assert "Belongs to Acme Partners already." in shown


def test_several_are_named_so_too(world: World) -> None:
    said = [world.pool.pk, "default POOL", str(world.pool.logical_id)]
    given = clean(PartnerForm, {"gateway_pools": said}, world.actor(world.olga))
    assert list(given["gateway_pools"]) == [world.pool]
    with pytest.raises(InvalidParams) as refusal:
        clean(PartnerForm, {"gateway_pools": ["No such pool"]}, world.actor(world.olga))
    assert [each["code"] for each in refusal.value.errors["gateway_pools"]] == ["invalid_choice"]


def test_the_shell_and_rest_take_names(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    direct = world.customer("Fabrikam")
    assert act([TRANSFER, "--ids", str(direct.pk), "--partner", "acme partners"]) == 0
    assert Customer.objects.get(pk=direct.pk).partner_id == world.acme.pk
    assert act([TRANSFER, "--ids", str(direct.pk), "--partner", "Acme Ltd"]) == 2
    assert "--partner: There is none of this name or id." in capsys.readouterr().err
    params = {"partner": "Zenith", "from_partner": True}
    answer = Script(world.olga).post(f"/actions/{TRANSFER}", {"select": {"ids": [direct.pk]}, "params": params})
    assert answer.status_code == 200
    assert Customer.objects.get(pk=direct.pk).partner_id == world.zenith.pk


def test_what_is_not_the_actors_to_give_has_no_name_either(world: World) -> None:
    """A partner's user learns nothing of pools that are not its own: the same answer as for an invented name."""
    world.pool.__class__.objects.create(name="Zenith own", name_key="zenith own", partner=world.zenith)
    for said in ("Zenith own", "Never made"):
        with pytest.raises(InvalidParams) as refusal:
            clean(MENU["new-customer"].Params, {"name": "A", "gateway_pool": said}, world.actor(world.pia))
        assert refusal.value.errors["gateway_pool"] == [
            {"code": "invalid_choice", "message": "There is none of this name or id."}
        ]
