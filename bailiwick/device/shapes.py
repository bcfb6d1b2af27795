"""What devices say and hear: strict types, bounded text; the OpenAPI document is made from it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from bailiwick.engine.forms.fields import NameField

LINE = NameField(max_length=64, required=False)


def _one_line(text: str) -> str:
    """No control or invisible characters: it is shown to people, and written to logs and files."""
    try:
        return str(LINE.clean(text))
    except ValidationError as error:
        raise ValueError(error.messages[0]) from None


Text = Annotated[str, Field(max_length=64), AfterValidator(_one_line)]
Count = Annotated[int, Field(ge=0, lt=2**62)]
Request = Annotated[str, Field(max_length=4096, description="A PKCS #10 request in PEM, with the device's own key.")]
Percent = Annotated[int, Field(ge=0, le=100)]
LinkState = Literal["UNKNOWN", "STABLE", "UNSTABLE", "DISCONNECTED", "QUIET", "INITIAL", "STANDBY"]


class Said(BaseModel):
    """From a device: nothing is converted, and nothing is ignored."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Activation(Said):
    """A device that has a key."""

    key: Annotated[str, Field(max_length=64, description="Four groups of four characters.")]
    serial_number: Annotated[Text, Field(min_length=1)]
    model: Text = ""
    software_version: Text = ""
    certificate_request: Request


class Link(Said):
    """One of the device's ways out."""

    name: Annotated[Text, Field(min_length=1)]
    state: LinkState
    latency_ms: Annotated[int, Field(ge=0, le=600_000)] | None = None
    loss_permille: Annotated[int, Field(ge=0, le=1_000)] | None = None


class Heartbeat(Said):
    """How it is. What is not answered is sent again with the same `id`, until it is."""

    id: UUID
    run: Annotated[Count, Field(description="How often the device has started with this identity.")]
    sequence: Annotated[Count, Field(description="Counts the heartbeats of this run.")]
    at: Annotated[AwareDatetime, Field(description="By the clock of the device.")]
    software_version: Text = ""
    configuration_version: Annotated[Text, Field(description="The one that the device runs.")] = ""
    links: Annotated[list[Link], Field(max_length=32)] = []


class BundleFailure(Said):
    """There will be no such bundle."""

    bundle: UUID
    why: Annotated[Text, Field(min_length=1)]


class Renewal(Said):
    """A certificate that is about to end."""

    certificate_request: Request


class GatewayActivation(Said):
    """A device that has the key of a gateway."""

    key: Annotated[str, Field(max_length=64, description="Four groups of four characters.")]
    serial_number: Annotated[Text, Field(min_length=1)]
    software_version: Text = ""
    certificate_request: Request


class GatewayHeartbeat(Said):
    """What a gateway bears. What is not answered is sent again with the same `id`, until it is."""

    id: UUID
    run: Annotated[Count, Field(description="How often the device has started with this identity.")]
    sequence: Annotated[Count, Field(description="Counts the heartbeats of this run.")]
    software_version: Text = ""
    connected_edges: Annotated[int, Field(ge=0, le=1_000_000)]
    utilization: Annotated[Percent, Field(description="Of what limits it most.")]
    cpu: Percent
    memory: Percent
    is_degraded: Annotated[bool, Field(description="Whether a service of it does not work.")] = False


class Nothing(Said):
    """An empty object."""


class Replacement(BaseModel):
    """What takes the place of a gateway."""

    id: UUID
    name: str
    address: str | None


class Gateway(Replacement):
    """A gateway, the best first. One that is quiesced stays `until`; then its replacement takes its place."""

    until: datetime | None = None
    replacement: Replacement | None = None


class ImageOrder(BaseModel):
    """The software that the device should run, where it says that it runs another.

    Its file is at `image/{sha256}`; without a `sha256` the orchestrator has none, and the device gets it elsewhere.
    """

    id: UUID
    name: str
    version: str
    build_number: str
    sha256: str
    size: int


class BundleOrder(BaseModel):
    """What the device should tell of itself: its parts go to `bundle/{id}`."""

    id: UUID
    kind: Literal["plain", "capture"]
    interface: str
    seconds: int


class Certificate(BaseModel):
    """PEM, and the authority that gave it."""

    certificate: str
    authority: str
    not_after: datetime


class Activated(Certificate):
    """The device is this edge from now on."""

    edge: UUID
    heartbeat_seconds: int
    configuration_version: str
    gateways: list[Gateway]
    image: ImageOrder | None


class GatewayActivated(Certificate):
    """The device is this gateway from now on."""

    gateway: UUID
    name: str
    heartbeat_seconds: int


class GatewayHeard(BaseModel):
    """What the orchestrator wants of it."""

    heartbeat_seconds: int
    state: str
    deadline: Annotated[datetime | None, Field(description="Of a quiesced gateway: when its edges have left it.")]
    renew: Annotated[bool, Field(description="Whether the certificate ends soon.")]


class Heard(BaseModel):
    """What the orchestrator wants of it."""

    heartbeat_seconds: int
    configuration_version: str
    gateways: list[Gateway]
    image: ImageOrder | None
    bundle: BundleOrder | None
    renew: Annotated[bool, Field(description="Whether the certificate ends soon.")]


class Document(BaseModel):
    """A number in a module or a rule that names an object is a key of `objects`, under the object's kind."""

    heartbeat_seconds: int
    operator_profile: dict[str, Any]
    gateways: list[Gateway]
    profile: dict[str, Any] | None
    modules: Annotated[dict[str, Any], Field(description="What each module says, the edge's own settings over it.")]
    rules: Annotated[dict[str, list[dict[str, Any]]], Field(description="The first that matches is followed.")]
    objects: dict[str, dict[str, Any]]


class Configuration(BaseModel):
    """What to apply."""

    version: str
    document: Document


class Done(BaseModel):
    """It is done."""

    done: bool = True


class AuthorityOut(BaseModel):
    """Whose certificates are trusted here: compare its SHA-256 with the pin that came with the key."""

    authority: str
