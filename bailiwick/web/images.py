"""Software images: the list with what brings each, making one known, deprecating and removing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import software_images_for
from bailiwick.engine import image_files, software_images
from bailiwick.engine.forms.software_image_form import SoftwareImageForm
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


class ImagePage(PageForm, SoftwareImageForm):
    """A new one, on a page."""


class FilePage(PageForm):
    """Its file."""

    file = forms.FileField(label=_("File"), help_text=_("A ZIP archive with a manifest.json; see the guide."))


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every image, newest version first."""
    request.actor.require(Permission.OPERATOR_PROFILE_READ)
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Makes one known."""
    actor = request.actor
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    form = ImagePage(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            software_images.create(actor, software_images.Draft(**form.cleaned_data), now=timezone.now())
            return redirect("software-images")
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "profiles/image.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def give_file(request: Request, image_id: int) -> HttpResponse:
    """Gives it its file, which edges fetch."""
    request.actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    row = one_of(software_images_for(request.actor), image_id)
    form = FilePage(request.POST, request.FILES) if request.method == "POST" else FilePage()
    if request.method == "POST" and form.is_valid():
        try:
            pieces = form.cleaned_data["file"].chunks()
            image_files.give(request.actor, row.pk, pieces, home=settings.HOME, now=timezone.now())
            return redirect("software-images")
        except ValidationError as error:
            form.add_error(None, error)
    values = {"form": form, "image": row, "most": image_files.MOST_MEGABYTES}
    return render(request, "profiles/image_file.html", values, status=status_of(form))


@require_POST
def deprecate(request: Request, image_id: int) -> HttpResponse:
    """Offers it nowhere any more, or again."""
    request.actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    row, wanted = one_of(software_images_for(request.actor), image_id), request.POST.get("deprecated") == "true"
    software_images.deprecate(request.actor, row.pk, deprecated=wanted, now=timezone.now())
    return redirect("software-images")


@require_POST
def delete(request: Request, image_id: int) -> HttpResponse:
    """Removes one that no profile brings."""
    request.actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    row = one_of(software_images_for(request.actor), image_id)
    try:
        software_images.delete(request.actor, row.pk, home=settings.HOME, now=timezone.now())
    except ValidationError as error:
        return _list(request, problem=f"{row}: {error.messages[0]}", status=409)
    return redirect("software-images")


def _list(request: Request, *, problem: str = "", status: int = 200) -> HttpResponse:
    rows = list(software_images_for(request.actor).order_by("name", "-version", "-build_number"))
    used = software_images.profiles_with(row.pk for row in rows)
    values = {
        "images": [(row, used.get(row.pk, 0)) for row in rows],
        "may_manage": request.actor.may(Permission.SOFTWARE_IMAGE_MANAGE),
        "problem": problem,
    }
    return render(request, "profiles/images.html", values, status=status)
