"""Restore under New Name (domain decision 9: Restore asks for a new name on conflict)."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event
from tests.world import NOW, World

ACTION = MENU["restore-under-new-name"]


def example(world: World) -> dict[str, str]:
    return {"name": "Under another name", "account_number": "NEW-1", "domain": ""}


def rows(world: World, number: int, **values: Any) -> list[Customer]:
    """Only what is in the bin can be restored."""
    return world.customers(number, deleted_at=NOW, **values)


def gone(world: World, name: str, **values: Any) -> dict[str, list[int]]:
    return {"ids": [world.customer(name, deleted_at=NOW, **values).pk]}


def codes(world: World, select: dict[str, list[int]], **raw: str) -> list[str]:
    return [reason.code for reason in preview(world.actor(world.olga), ACTION, select=select, raw=raw, now=NOW).reasons]


def test_it_comes_back_under_the_new_name_and_is_found_by_it(world: World) -> None:
    select = gone(world, "Contoso")
    assert codes(world, select) == ["name_taken"]
    job = submit(world.actor(world.olga), ACTION, select=select, raw={"name": "Contoso Two"}, now=NOW)
    assert (job.changed, job.title) == (1, "Restore as Contoso Two")
    back = Customer.objects.select_related("search").get(pk=select["ids"][0])
    assert (back.deleted_at, back.name, back.name_key) == (None, "Contoso Two", "contoso two")
    assert "contoso two" in back.search.text
    assert Event.objects.get(job_id=job.pk).before["name"] == "Contoso"


def test_the_new_name_must_be_free_too(world: World) -> None:
    world.customer("Fabrikam")
    assert codes(world, gone(world, "Contoso"), name="ＦＡＢＲＩＫＡＭ") == ["name_taken"]


def test_account_number_and_domain_are_asked_for_where_they_were_taken(world: World) -> None:
    world.customer("Other", account_number="A-1", domain="taken.example")
    select = gone(world, "Old", account_number="A-1", domain="taken.example")
    assert codes(world, select) == ["account_taken"]
    assert codes(world, select, account_number="A-2") == ["domain_taken"]
    assert codes(world, select, account_number="A-2", domain="free.example") == []


def test_two_customers_without_a_domain_do_not_collide(world: World) -> None:
    assert codes(world, gone(world, "Old")) == []


def test_it_takes_one_customer_only(world: World) -> None:
    select = {"ids": [customer.pk for customer in rows(world, 2)]}
    with pytest.raises(InvalidParams, match="one customer only"):
        submit(world.actor(world.olga), ACTION, select=select, raw={"name": "New"}, now=NOW)
