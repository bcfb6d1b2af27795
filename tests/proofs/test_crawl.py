"""The crawl: every route, every id; "not yours" and "does not exist" are one answer, and no foreign byte comes back.

Names: R-28, N-07, N-25, N-32. The same crawl runs in the portal as the tenancy self-test.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path
from django.utils import timezone

from bailiwick.access.scope import customers_for
from bailiwick.access.wall import Beyond, beyond
from bailiwick.management.self_test.ask import Portal
from bailiwick.management.self_test.crawl import Crawl, Finding
from bailiwick.management.self_test.planted import plant
from bailiwick.management.self_test.routes import Route, bodies, queries, routes
from bailiwick.models import Customer, SystemProperty, User
from tests.api.client import Script
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = ("partner", "customer")
# What a portal that is in use has switched on.
SWITCHES = ("session.options.enableRoleCustomization", "session.options.partnerAcceptsTransfers")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of answers are 404, as they must be."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def crawl(world: World, level: str, **options: int) -> Crawl:
    document = Script(world.olga).get("/openapi.json").json()
    SystemProperty.objects.bulk_create(SystemProperty(name=name, value=True) for name in SWITCHES)
    session = plant(level, now=timezone.now())
    return Crawl(Portal(), session, bodies(document), queries(document), **options)


def found(asked: Crawl, some: list[Route]) -> list[Finding]:
    return [finding for route in some for finding in asked.route(route)]


@pytest.mark.parametrize("level", LEVELS)
def test_r28_no_route_tells_a_stranger_from_nobody(world: World, level: str):
    asked = crawl(world, level, step=101)
    assert found(asked, routes()[LEVELS.index(level) :: len(LEVELS)]) == []
    assert asked.trials > 50


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_r28_no_parameter_of_any_route_tells_a_stranger_from_nobody(world: World, level: str):
    asked = crawl(world, level)
    assert found(asked, routes()) == []
    assert asked.trials > 1_000


def test_the_asker_gets_in_and_his_own_rows_are_there(world: World):
    """Otherwise the crawl would compare one sign-in page with another."""
    asked = crawl(world, "partner")
    opened = {route.pattern: asked.own(route) for route in routes() if route.parameters}
    closed = {pattern for pattern, statuses in opened.items() if not statuses & {200, 201, 204, 286, 302, 409, 422}}
    # Only operators have mails, properties, self-tests and profiles; a secret opens only to whom it was sent.
    operators = {"mailbox/<int:mail_id>", "properties/<str:name>", "api/v1/self-tests/<int:run_id>"}
    operators |= {"self-test/<int:run_id>", "self-test/<int:run_id>/live", "operator-profiles/<int:profile_id>"}
    operators |= {f"operator-profiles/<int:profile_id>/{deed}" for deed in ("delete", "remove")}
    operators |= {f"software-images/<int:image_id>/{deed}" for deed in ("deprecate", "delete", "file")}
    operators |= {f"api/v1/software-images/<int:image_id>{deed}" for deed in ("", "/file")}
    operators |= {f"rollouts/<int:rollout_id>{deed}" for deed in ("", "/live", "/<slug:deed>")}
    operators |= {
        f"api/v1/rollouts/<int:rollout_id>{deed}" for deed in ("", "/edges", "/pause", "/continue", "/take-back")
    }
    # Quiescing is a superuser's of the operator.
    operators |= {f"gateways/<int:gateway_id>/{deed}" for deed in ("quiesce", "resume")}
    operators |= {f"api/v1/gateways/<int:gateway_id>/{deed}" for deed in ("quiesce", "resume", "replacements")}
    operators |= {"api/v1/licence-types/<int:licence_id>"}
    operators |= {f"api/v1/operator-profiles/<int:profile_id>{deed}" for deed in ("", "/remove")}
    assert closed == {*operators, "link/<str:secret>", "confirm-address/<str:secret>"}


def names_its_owner(_request, customer_id):
    row = Customer.objects.filter(pk=customer_id).first()
    return HttpResponse(f"Customer {row.name}" if row else "Nothing", status=200 if row else 404)


def differs_in_status(request, customer_id):
    there = Customer.objects.filter(pk=customer_id).exists()
    mine = customers_for(request.actor).filter(pk=customer_id).exists()
    return HttpResponse("No", status=200 if mine else 403 if there else 404)


def differs_in_a_header(_request, customer_id):
    there = Customer.objects.filter(pk=customer_id).exists()
    return HttpResponse("No", status=404, headers={"X-Rows": "1" if there else "0"})


def reads_a_parameter(request):
    there = User.objects.filter(pk=request.GET.get("whose") or 0).exists()
    return HttpResponse("taken" if there else "free")


def reads_a_field(request):
    there = User.objects.filter(pk=request.POST.get("whose") or 0).exists()
    return HttpResponse("taken" if there else "free")


def lists_everybody(_request):
    return HttpResponse(", ".join(User.objects.values_list("email", flat=True)))


def breaks(_request, customer_id):
    return HttpResponse(status=500 if customer_id % 10 == 2 else 404)


class Leaky:
    """An URL configuration of one leaky view beside the program's own; the second wall would stop most of them."""

    def __init__(self, pattern: str, view) -> None:
        def past_the_wall(request, **places):
            with beyond(Beyond.NAMING):
                return view(request, **places)

        self.urlpatterns = [path(pattern, past_the_wall), path("", include("bailiwick.urls"))]


LEAKS = {
    "a page names what is foreign": ("leaky/<int:customer_id>", names_its_owner),
    "the status differs": ("leaky/<int:customer_id>", differs_in_status),
    "a header differs": ("leaky/<int:customer_id>", differs_in_a_header),
    "a parameter behind the question mark": ("leaky", reads_a_parameter),
    "a field of a form": ("leaky", reads_a_field),
    "a list of everybody": ("leaky", lists_everybody),
    "a foreign id breaks it": ("leaky/<int:customer_id>", breaks),
    "a new parameter that nobody knows": ("leaky/<str:colour>", lambda _request, colour: HttpResponse(colour)),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found(world: World, leak: str):
    pattern, view = LEAKS[leak]
    with override_settings(ROOT_URLCONF=Leaky(pattern, view)):
        asked = crawl(world, "partner")
        [route] = [route for route in routes() if route.pattern == pattern]
        assert found(asked, [route])
        assert found(asked, [route for route in routes() if route.pattern == "customers/<int:customer_id>"]) == []


def test_what_the_crawl_asks_for_is_undone(world: World):
    asked = crawl(world, "partner", step=10_000)
    before = [list(model.objects.order_by("pk").values()) for model in (Customer, User)]
    found(
        asked,
        [route for route in routes() if route.pattern in ("users/<int:user_id>/<str:what>", "actions/<slug:slug>")],
    )
    assert [list(model.objects.order_by("pk").values()) for model in (Customer, User)] == before
