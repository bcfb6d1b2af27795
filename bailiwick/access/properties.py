"""The system properties: their names, defaults and meaning, and the value in force (domain 16.4)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.db import connection
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Definition:
    """One property; a restricted one asks for a permission of its own."""

    name: str
    kind: Literal["BOOLEAN", "NUMBER", "STRING"]
    default: Any
    help: Any
    restricted: bool = False


DEFINITIONS = (
    Definition(
        "session.options.disableCreateEnterprise",
        "BOOLEAN",
        default=False,
        help=_("Nobody can create a customer, through any door. For an installation at capacity."),
        restricted=True,
    ),
    Definition(
        "session.options.disableCreateEnterpriseProxy",
        "BOOLEAN",
        default=False,
        help=_("Nobody can create a partner, and partners cannot create customers."),
        restricted=True,
    ),
    Definition(
        "session.options.partnerAcceptsTransfers",
        "BOOLEAN",
        default=False,
        help=_("Transfer to Partner makes an offer: nothing changes before the partner accepts it."),
    ),
    Definition(
        "session.options.enableEdgeLicensing",
        "BOOLEAN",
        default=True,
        help=_("Customers have types of edge licences, and edges one of these. Off: nobody gives any."),
    ),
    Definition(
        "session.options.enableBastionOrchestrator",
        "BOOLEAN",
        default=False,
        help=_("Shows the bastion state of customers and the actions that stage them."),
        restricted=True,
    ),
    Definition(
        "session.options.enableApiTokenAuth",
        "BOOLEAN",
        default=True,
        help=_("API tokens are accepted."),
        restricted=True,
    ),
    Definition(
        "session.options.requireSecondFactor.operator",
        "BOOLEAN",
        default=False,
        help=_(
            "Operators must have a second factor; who has none sets one up before anything else. Tokens keep working."
        ),
        restricted=True,
    ),
    Definition(
        "session.options.requireSecondFactor.partner",
        "BOOLEAN",
        default=False,
        help=_("Users of partners must have a second factor. A partner can ask for it on its own page too."),
        restricted=True,
    ),
    Definition(
        "session.options.requireSecondFactor.customer",
        "BOOLEAN",
        default=False,
        help=_("Users of customers must have a second factor. A customer can ask for it in its settings too."),
        restricted=True,
    ),
    Definition(
        "session.options.enableRoleCustomization",
        "BOOLEAN",
        default=False,
        help=_("Superusers of each home can make roles of their own, never with more rights than they have."),
        restricted=True,
    ),
    Definition("vco.alert.enable", "BOOLEAN", default=True, help=_("Master switch of both alert streams.")),
    Definition(
        "vco.operator.alert.enable", "BOOLEAN", default=True, help=_("Pre-notifications to operators are sent.")
    ),
    Definition("vco.enterprise.alert.enable", "BOOLEAN", default=True, help=_("Alerts to customers are sent.")),
    Definition(
        "vco.alert.mail.to",
        "STRING",
        default="",
        help=_("Who gets pre-notifications, separated by commas. Empty: nothing is sent."),
    ),
    Definition(
        "vco.alert.mail.cc",
        "STRING",
        default="",
        help=_("Who gets a copy of every alert mail to a customer, separated by commas."),
    ),
    Definition(
        "audit.checkpoint.mail.to",
        "STRING",
        default="",
        help=_("Who gets a signed checkpoint of the audit log once a day, separated by commas."),
        restricted=True,
    ),
    Definition(
        "retentionWeeks.operatorEvents", "NUMBER", default=40, help=_("Weeks that operator events are kept, 1 to 52.")
    ),
    Definition(
        "retentionWeeks.enterpriseEvents", "NUMBER", default=40, help=_("Weeks that customer events are kept, 1 to 52.")
    ),
)
BY_NAME = {definition.name: definition for definition in DEFINITIONS}


def value_for(actor: Actor, name: str) -> Any:
    """The value in force for what this actor asks now: as it was when he came in, or looked up where nobody read it."""
    return property_value(name) if actor.properties is None else actor.properties.get(name, BY_NAME[name].default)


def property_value(name: str) -> Any:
    """Returns the value in force. Raises KeyError for a name that is not defined."""
    default = BY_NAME[name].default
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM bailiwick_systemproperty WHERE name = %s", [name])
        row = cursor.fetchone()
    return json.loads(row[0]) if row else default
