"""Users over REST: of your own home, of a partner or of a customer that lets you look after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from bailiwick.access import homes, roles, users
from bailiwick.access.scope import users_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Id, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused
from bailiwick.api.user_shapes import INVITE, PATCH, UserOut, UserPage
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.engine.forms.person_form import PersonForm

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import User

router = Router(tags=["Users"])
HOME = ("partner", "customer")
OfPartner = Annotated[Id | None, Query(description="The staff of this partner.")]
OfCustomer = Annotated[Id | None, Query(description="The administrators of this customer.")]


@router.get("/users", response=UserPage)
def listing(
    request: Call, partner: OfPartner = None, customer: OfCustomer = None, limit: Limit = 50, after: After = None
) -> Any:
    """The users of your own home, or of the partner or customer that you name."""
    require_known(request, *HOME)
    actor = request.auth
    home = homes.find(actor, partner=partner, customer=customer)
    actor.require(homes.permission(home.level, "read"))
    rows = home.users(actor).select_related("custom_role")
    found, further = page_of(rows, limit=limit, after=after)
    return {"data": [_shown(user) for user in found], "next": further}


@router.get("/users/{int:user_id}", response=UserOut)
def one(request: Call, user_id: int) -> Any:
    """One user."""
    return _shown(_seen(request.auth, user_id, "read"))


@router.post("/users", response={201: UserOut}, openapi_extra=INVITE)
def invite(request: Call, response: HttpResponse) -> Any:
    """Invites a user into your own home, or into the `partner` or `customer` of the body."""
    actor, body = request.auth, read_body(request)
    home = homes.find(actor, **{name: _number(name, body.pop(name)) for name in HOME if name in body})
    actor.require(homes.permission(home.level, "create"))
    person = users.Person(**clean(PersonForm, body, actor))
    try:
        user, _path = users.invite(actor, person, home=home, now=timezone.now())
    except ValidationError as error:
        raise refused(error, conflicts=()) from None
    response["Location"] = f"/api/v1/users/{user.pk}"
    return Status(201, _shown(user))


@router.patch("/users/{int:user_id}", response=UserOut, openapi_extra=PATCH)
def change(request: Call, user_id: int) -> Any:
    """Gives another `role`, or switches `is_active`: all of it or nothing. The user signs in anew."""
    actor, body = request.auth, read_body(request, known=("role", "is_active"))
    _seen(actor, user_id, "update")
    for name, kind in (("role", str), ("is_active", bool)):
        if name in body and not isinstance(body[name], kind):
            raise InvalidParams.one(name, "wrong_type", _("This has the wrong type."))
    if not body:
        raise InvalidParams.one("body", "required", _("Give a role or is_active."))
    try:
        users.patch(actor, user_id, role=body.get("role"), is_active=body.get("is_active"), now=timezone.now())
    except ValidationError as error:
        raise refused(error, conflicts=()) from None
    return _shown(_seen(actor, user_id, "read"))


@router.delete("/users/{int:user_id}", response={204: None})
def delete(request: Call, user_id: int) -> Any:
    """Removes a user with sessions and tokens; the address is free again."""
    _seen(request.auth, user_id, "delete")
    users.delete(request.auth, user_id, now=timezone.now())
    return Status(204, None)


def _seen(actor: Actor, user_id: int, verb: str) -> User:
    """The user. What is not yours does not exist, and is not told apart from what you may not do to yours."""
    user = one_of(users_for(actor).select_related("custom_role"), user_id)
    actor.require(homes.permission(user.level, verb))
    return user


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidParams.one(name, "wrong_type", _("This has the wrong type."))
    return value


def _shown(user: User) -> dict[str, Any]:
    given = roles.of_user(user)
    shown = {name: getattr(user, name) for name in UserOut.model_fields if hasattr(user, name)}
    return shown | {"role": given.key, "role_name": str(given.label), "is_invited": not user.has_usable_password()}
