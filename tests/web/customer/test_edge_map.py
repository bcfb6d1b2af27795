"""The map of a customer's edges: who sees which, what stands where, and where the marks lead."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bailiwick.models import Edge
from tests.web.conftest import signed_in
from tests.world import World


@pytest.fixture
def here(world: World) -> str:
    return f"/customers/{world.contoso.pk}/edges"


def place(world: World, name: str, longitude: float | None, latitude: float | None, **values: Any) -> Edge:
    edge = world.edges(values.pop("customer", world.contoso))[0]
    at = {"longitude": longitude, "latitude": latitude, "name": name, "name_key": name.casefold()}
    Edge.objects.filter(pk=edge.pk).update(**at, **values)
    return edge


def shown(world: World, address: str, user: Any = None) -> str:
    answer = signed_in(user or world.olga).get(address)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def marks(page: str) -> dict[str, str]:
    return dict(re.findall(r'<a href="[^"]*" aria-label="([^:"]*): ([^"]*)"><g class="mark', page))


def test_who_may_not_see_the_customer_sees_no_map(world: World, here: str) -> None:
    place(world, "Lyon", 4.8, 45.7)
    assert signed_in(world.stranger).get(f"{here}?view=map").status_code == 404
    world.contoso.operator_access = False
    world.contoso.save()
    assert signed_in(world.olga).get(f"{here}?view=map").status_code == 403
    assert "Lyon" in shown(world, f"{here}?view=map", world.carla)


def test_no_edge_of_a_neighbour_stands_on_it(world: World, here: str) -> None:
    place(world, "Lyon", 4.8, 45.7)
    place(world, "Foreign", 2.3, 48.9, customer=world.customer("Fabrikam", partner=world.acme))
    assert marks(shown(world, f"{here}?view=map")) == {"Lyon": "1 connected"}


def test_what_would_overlap_is_one_mark_and_leads_nearer(world: World, here: str) -> None:
    place(world, "Lyon", 4.80, 45.70, city="Lyon")
    place(world, "Bron", 4.91, 45.73, city="Bron", state="OFFLINE")
    place(world, "Sydney", 151.2, -33.9, city="Sydney", state="NEVER_ACTIVATED")
    page = shown(world, f"{here}?view=map")
    assert marks(page) == {"Bron, Lyon": "1 connected, 1 offline", "Sydney": "1 not activated"}
    assert page.count('class="mark mark-down"') == 2  # and the legend
    nearer = re.search(r'<a href="([^"]*)" aria-label="Bron', page)[1].replace("&amp;", "&")
    page = shown(world, nearer)
    assert marks(page) == {"Lyon": "1 connected", "Bron": "1 offline"}
    assert "Show the whole map" in page
    listed = re.search(r'href="([^"]*box[^"]*)">List<', shown(world, f"{here}?view=map"))[1].replace("&amp;", "&")
    page = shown(world, listed)
    assert "Lyon" in page
    assert "Sydney" not in page


def test_edges_at_one_place_lead_to_the_list(world: World, here: str) -> None:
    for name in ("A", "B"):
        place(world, name, 4.8, 45.7, city="Lyon")
    url = re.search(r'<a href="([^"]*)" aria-label="Lyon', shown(world, f"{here}?view=map"))[1]
    assert "view=map" not in url
    assert "box=" in url


def test_each_click_leads_nearer_and_at_last_to_the_list(world: World, here: str) -> None:
    for n in range(40):
        place(world, f"E{n:02}", 4.8 + n * 0.004, 45.7 + n % 5 * 0.004)
    place(world, "Far", 150, -30)
    url = f"{here}?view=map"
    for _ in range(8):
        links = re.findall(r'<a href="([^"]*)" aria-label="Around', shown(world, url))
        if not links:
            break
        url = links[0].replace("&amp;", "&")
        if "view=map" not in url:
            break
    else:
        pytest.fail("no way out of the map")
    page = shown(world, url)
    assert "view=map" not in url
    assert re.search(r"<bdi>E\d\d</bdi>", page)
    assert "Far" not in page


def test_edges_of_no_known_place_are_counted_with_a_link(world: World, here: str) -> None:
    place(world, "Nowhere", None, None)
    place(world, "Half", 4.0, None)
    page = shown(world, f"{here}?view=map")
    assert "No edge is on the map" in page
    assert "2 edges have no place on the map" in page
    place(world, "Lyon", 4.8, 45.7)
    listed = shown(world, f"{here}?place=none")
    assert "Nowhere" in listed
    assert "Half" in listed
    assert "Lyon" not in listed


def test_a_search_holds_on_the_map_and_in_its_links(world: World, here: str) -> None:
    place(world, "North 1", 4.8, 45.7)
    place(world, "South", 5.8, 43.7)
    page = shown(world, f"{here}?view=map&search=north")
    assert list(marks(page)) == ["North 1"]
    assert f"{here}?search=north" in page


@pytest.mark.parametrize("box", ["x", "nan,0,1,1", "%00", "1e999,0,1,1", "0,0,1,1,1", "200,0,201,1"])
def test_nonsense_in_the_address_shows_all(world: World, here: str, box: str) -> None:
    place(world, "Lyon", 4.8, 45.7)
    for view in ("view=map", "view=list"):
        assert "Lyon" in shown(world, f"{here}?{view}&box={box}")


def test_markup_in_names_and_cities_stays_text(world: World, here: str) -> None:
    place(world, "<script>x</script>", 4.8, 45.7, city='"><b>')
    page = shown(world, f"{here}?view=map")
    assert "<script>x" not in page
    assert '"><b>' not in page


def test_the_poles_and_the_border_of_the_world_can_be_drawn(world: World, here: str) -> None:
    for n, (x, y) in enumerate([(-180, -90), (180, 90), (180, -90), (0, 0)]):
        place(world, f"E{n}", x, y)
    page = shown(world, f"{here}?view=map")
    assert len(marks(page)) == 4
    assert 'viewBox="-180.0000 -90.0000 360.0000 180.0000"' in page


def test_ten_thousand_edges_cost_a_handful_of_statements(
    world: World, here: str, django_assert_max_num_queries: Any
) -> None:
    Edge.objects.bulk_create(
        Edge(
            customer=world.contoso, partner_id=world.contoso.partner_id, name=f"E{n}", name_key=f"e{n}",
            created_at=world.contoso.created_at, longitude=n % 360 - 180, latitude=n % 170 - 85,
        )
        for n in range(10_000)
    )  # fmt: skip
    browser = signed_in(world.olga)
    browser.get(here)
    with django_assert_max_num_queries(12):
        page = browser.get(f"{here}?view=map").content.decode()
    assert len(page) < 300_000


def test_a_state_is_asked_for_in_the_list_and_on_the_map(world: World, here: str) -> None:
    place(world, "Lyon", 4.8, 45.7)
    place(world, "Oslo", 10.7, 59.9, state="OFFLINE")
    assert list(marks(shown(world, f"{here}?view=map&state=down"))) == ["Oslo"]
    page = shown(world, f"{here}?state=down")
    assert "Oslo" in page
    assert "Lyon" not in page
    assert f"{here}?view=map&amp;state=down" in page
    assert "None here" in shown(world, f"{here}?state=%3Cb%3E")


def test_pages_of_the_list_keep_what_is_asked_for(world: World, here: str) -> None:
    world.edges(world.contoso, 120)
    page, seen = shown(world, f"{here}?search=edge&state=up"), []
    while True:
        seen += re.findall(r"<bdi>(Edge \d+)</bdi></a>", page)
        further = re.search(r'href="([^"]*after=[^"]*)"', page)
        if not further:
            break
        assert "search=edge&amp;state=up" in further[1]
        page = shown(world, further[1].replace("&amp;", "&"))
    assert len(seen) == len(set(seen)) == 120
