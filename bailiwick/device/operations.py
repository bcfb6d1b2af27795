"""The door as a table: what can be asked, in which shape, and whether a certificate has to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import JsonResponse
from django.utils.translation import gettext as _
from pydantic import BaseModel

from bailiwick.device import gateways, shapes, views
from bailiwick.fleet.arrival import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class Operation(NamedTuple):
    """One thing that a device asks for."""

    method: str
    view: Callable[[HttpRequest, Any], dict[str, Any]]
    said: type[shapes.Said]
    heard: type[BaseModel]
    certificate: bool = True

    def serve(self, request: HttpRequest) -> HttpResponse:
        """Validates the body, which is the only thing that is read of a request besides the certificate."""
        if request.method != self.method:
            raise Refused("method_not_allowed", _("This address takes %s.") % self.method)
        found = self.heard.model_validate(self.view(request, self._body(request)))
        return JsonResponse(found.model_dump(mode="json"))

    def _body(self, request: HttpRequest) -> Any:
        if self.method == "GET":
            return self.said()
        if request.content_type != "application/json":
            raise Refused("media_type", _("Send JSON, with the Content-Type application/json."))
        return self.said.model_validate_json(request.body or b"{}")


OPERATIONS = {
    "authority": Operation("GET", views.authority, shapes.Nothing, shapes.AuthorityOut, certificate=False),
    "activate": Operation("POST", views.activate, shapes.Activation, shapes.Activated, certificate=False),
    "heartbeat": Operation("POST", views.beat, shapes.Heartbeat, shapes.Heard),
    "configuration": Operation("GET", views.configuration, shapes.Nothing, shapes.Configuration),
    "bundle-failed": Operation("POST", views.bundle_failed, shapes.BundleFailure, shapes.Done),
    "renew": Operation("POST", views.renew, shapes.Renewal, shapes.Certificate),
    "deactivate": Operation("POST", views.deactivate, shapes.Nothing, shapes.Done),
    "gateway/activate": Operation(
        "POST", gateways.activate, shapes.GatewayActivation, shapes.GatewayActivated, certificate=False
    ),
    "gateway/heartbeat": Operation("POST", gateways.beat, shapes.GatewayHeartbeat, shapes.GatewayHeard),
    "gateway/renew": Operation("POST", gateways.renew, shapes.Renewal, shapes.Certificate),
    "gateway/deactivate": Operation("POST", gateways.deactivate, shapes.Nothing, shapes.Done),
}
