"""Transfer to Partner says of each customer by name what changes, a page at a time, before anything does."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bailiwick.actions import MENU
from bailiwick.engine.plan import PAGE, Plan
from bailiwick.engine.preview import preview
from bailiwick.management.act.run import act
from bailiwick.models import Customer, GatewayPool, OperatorProfile
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

TRANSFER = MENU["transfer-to-partner"]
PATH = "/actions/transfer-to-partner"


@pytest.fixture
def nordic(world: World) -> GatewayPool:
    return GatewayPool.objects.create(name="Nordic", name_key="nordic")


@pytest.fixture
def special(world: World) -> OperatorProfile:
    return OperatorProfile.objects.create(name="Special", name_key="special", image=world.profile.image)


@pytest.fixture
def four(world: World, nordic: GatewayPool, special: OperatorProfile) -> list[Customer]:
    """One that only changes hands, one in a pool and one with a profile that Zenith lacks, one of another partner."""
    plain, pooled, profiled = (world.customer(name) for name in ("Plain", "Pooled", "Profiled"))
    Customer.objects.filter(pk=pooled.pk).update(gateway_pool=nordic)
    Customer.objects.filter(pk=profiled.pk).update(operator_profile=special)
    return [plain, pooled, profiled, world.contoso]


def plan(world: World, rows: list[Customer], *, page: int = 1, **raw: Any) -> Plan:
    select = {"ids": [row.pk for row in rows]}
    raw = {"partner": world.zenith.pk, **raw}
    found = preview(world.actor(world.olga), TRANSFER, select=select, raw=raw, now=NOW, page=page)
    assert found.plan
    return found.plan


def test_each_customer_is_named_with_what_it_and_each_side_gain_and_lose(world: World, four: list[Customer]) -> None:
    raw: dict[str, Any] = {"missing_pool": "share", "add_profiles": True, "from_partner": True}
    lines = {line.customer: line for line in plan(world, four, operator_access="false", **raw).lines}
    assert list(lines) == ["Contoso", "Plain", "Pooled", "Profiled"]
    assert {line.outcome for line in lines.values()} == {"changes"}
    plain = lines["Plain"]
    assert (plain.before, plain.notes) == (
        {"partner_id": None, "partner_access": False, "operator_access": True},
        [],
    )
    assert plain.after == {"partner_id": world.zenith.pk, "partner_access": True, "operator_access": False}
    assert lines["Pooled"].notes == ["Zenith may use its gateway pool Nordic too."]
    assert lines["Profiled"].notes == ["Zenith may pass on its operator profile Special too."]
    assert lines["Contoso"].notes == ["Acme Partners loses it, and every access to it."]
    assert lines["Contoso"].before == {"partner_id": world.acme.pk, "operator_access": True}


def test_what_is_left_alone_says_why_and_what_moves_says_where(world: World, four: list[Customer]) -> None:
    lines = {line.customer: line for line in plan(world, four).lines}
    told = {name: (line.outcome, line.code) for name, line in lines.items()}
    assert told == {
        "Contoso": ("refused", "has_partner"),
        "Plain": ("changes", ""),
        "Pooled": ("refused", "pool_lacking"),
        "Profiled": ("refused", "profile_lacking"),
    }
    moving = plan(world, four, missing_pool="move", gateway_pool=world.pool.pk).lines[2]
    assert moving.after["gateway_pool_id"] == world.pool.pk
    assert moving.notes == ["Its edges leave the gateway pool Nordic for Default pool and connect anew."]


def test_the_page_has_a_constant_size_and_a_constant_number_of_statements(world: World) -> None:
    rows = world.customers(2 * PAGE + 1)
    counts = []
    for several in (rows[:2], rows):
        with CaptureQueriesContext(connection) as asked:
            found = plan(world, several, missing_pool="share", add_profiles=True)
        counts.append(len(asked))
        assert len(found.lines) == min(len(several), PAGE)
    assert counts[0] == counts[1]
    seen = [line.customer for page in (1, 2, 3) for line in plan(world, rows, page=page).lines]
    assert seen == [row.name for row in rows]
    assert plan(world, rows, page=4).lines == []


def dialog(rows: list[Customer], **raw: Any) -> dict[str, str]:
    return {"select": json.dumps({"ids": [row.pk for row in rows]}), "params": json.dumps(raw)}


def test_the_dialog_pages_through_it_and_gives_it_as_a_file(world: World) -> None:
    rows = world.customers(PAGE + 1)
    browser = signed_in(world.olga)
    posted = dialog([*rows, world.contoso], partner=world.zenith.pk)
    shown = browser.post(f"{PATH}/preview", posted).content.decode()
    assert "Page 1 of 2" in shown
    assert rows[PAGE - 2].name in shown
    assert rows[-1].name not in shown
    second = browser.post(f"{PATH}/plan", {**posted, "page": "2"}).content.decode()
    assert rows[-1].name in second
    answer = browser.post(f"{PATH}/plan.csv", posted)
    file = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(file) == 1 + PAGE + 2
    assert file[1][2:4] == ["Refused", "Belongs to another partner."]
    assert file[2][1:5] == [
        rows[0].name, "Changes", "", "Partner support access: off → on; Partner: – → Zenith",
    ]  # fmt: skip


def test_rest_and_the_shell_have_it_too(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = world.customers(PAGE + 1)
    script = Script(world.olga)
    body: dict[str, Any] = {"select": {"ids": [row.pk for row in rows]}, "params": {"partner": "Zenith"}}
    first = script.post(f"{PATH}/preview", body).json()
    assert (first["plan"]["page"], first["plan"]["pages"], len(first["plan"]["rows"])) == (1, 2, PAGE)
    body |= {"select": {"ticket": first["ticket"]}, "page": 2}
    (last,) = script.post(f"{PATH}/preview", body).json()["plan"]["rows"]
    assert (last["customer"], last["outcome"], last["after"]["partner_id"]) == (
        rows[-1].name, "changes", world.zenith.pk,
    )  # fmt: skip
    for page in (0, "2", True, None):
        refused = script.post(f"{PATH}/preview", body | {"page": page})
        assert (refused.status_code, refused.json()["errors"]["page"][0]["code"]) == (422, "page_range")
    act(["transfer-to-partner", "--ids", str(rows[0].pk), "--partner", "Zenith", "--preview", "--json"])
    assert [row["customer"] for row in json.loads(capsys.readouterr().out)["plan"]] == [rows[0].name]


def test_an_action_without_a_plan_has_no_such_page_and_a_broken_form_says_so(world: World) -> None:
    browser = signed_in(world.olga)
    assert (
        browser.post("/actions/update-customer-alerts/plan", dialog([world.contoso], enabled="true")).status_code == 404
    )
    for path in ("plan", "plan.csv"):
        assert browser.post(f"{PATH}/{path}", {"select": "{}", "params": "[]"}).status_code == 422
        assert signed_in(world.pia).post(f"{PATH}/{path}", dialog([world.contoso], partner=1)).status_code == 403
