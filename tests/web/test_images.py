"""The pages of software images."""

from __future__ import annotations

from django.test import Client

from bailiwick.models import SoftwareImage
from tests.web.conftest import signed_in
from tests.world import World

FORM = {"name": "Edge <b>", "version": "6.4.0", "build_number": "", "device_family": ""}


def test_one_is_made_known_deprecated_and_deleted(world: World):
    browser = signed_in(world.stan)
    assert Client().get("/software-images").status_code == 302
    assert browser.post("/software-images/new", FORM).status_code == 302
    made = SoftwareImage.objects.get(version="6.4.0")
    page = browser.get("/software-images").content.decode()
    assert "Edge &lt;b&gt;" in page
    assert "Edge <b>" not in page
    browser.post(f"/software-images/{made.pk}/deprecate", {"deprecated": "true"})
    assert "Offer again" in browser.get("/software-images").content.decode()
    assert browser.post(f"/software-images/{made.pk}/delete").status_code == 302
    assert not SoftwareImage.objects.filter(pk=made.pk).exists()


def test_what_is_wrong_or_used_is_said(world: World):
    browser = signed_in(world.olga)
    taken = browser.post("/software-images/new", {**FORM, "name": "Edge", "version": "5.2.0"})
    assert (taken.status_code, "There is an image of this name" in taken.content.decode()) == (422, True)
    used = browser.post(f"/software-images/{world.profile.image_id}/delete")
    assert (used.status_code, "1 operator profile brings it." in used.content.decode()) == (409, True)
    assert browser.post("/software-images/999999/delete").status_code == 404


def test_who_may_only_read_has_no_buttons_and_others_no_page(world: World):
    page = signed_in(world.sam).get("/software-images").content.decode()
    assert "Deprecate" not in page.split("<table")[1]
    for person, status in ((world.pia, 403), (world.carla, 403)):
        assert signed_in(person, raise_request_exception=False).get("/software-images").status_code == status
    answer = signed_in(world.sam, raise_request_exception=False).post("/software-images/new", FORM)
    assert answer.status_code == 403
