"""What exists: the tables, their constraints, and questions about one row."""

from bailiwick.models.configuration import SystemProperty
from bailiwick.models.event import Event
from bailiwick.models.network import (
    ActivationState,
    Edge,
    EdgeState,
    Gateway,
    GatewayPool,
    GatewayState,
    OperatorProfile,
    SoftwareImage,
)
from bailiwick.models.partnership import OfferState, PartnerPool, PartnerProfile, TransferOffer
from bailiwick.models.people import Attempt, Level, Link, SavedView, Token, User
from bailiwick.models.session import Session
from bailiwick.models.tenancy import (
    BastionState,
    Customer,
    CustomerDetail,
    CustomerSearch,
    CustomerStat,
    EdgeAuthentication,
    Partner,
)
from bailiwick.models.work import (
    CHUNK,
    Job,
    JobChunk,
    JobInput,
    JobRefusal,
    JobState,
    OutboxMessage,
    Selection,
    SelectionChunk,
    Upload,
)

__all__ = [
    "CHUNK",
    "ActivationState",
    "Attempt",
    "BastionState",
    "Customer",
    "CustomerDetail",
    "CustomerSearch",
    "CustomerStat",
    "Edge",
    "EdgeAuthentication",
    "EdgeState",
    "Event",
    "Gateway",
    "GatewayPool",
    "GatewayState",
    "Job",
    "JobChunk",
    "JobInput",
    "JobRefusal",
    "JobState",
    "Level",
    "Link",
    "OfferState",
    "OperatorProfile",
    "OutboxMessage",
    "Partner",
    "PartnerPool",
    "PartnerProfile",
    "SavedView",
    "Selection",
    "SelectionChunk",
    "Session",
    "SoftwareImage",
    "SystemProperty",
    "Token",
    "TransferOffer",
    "Upload",
    "User",
]
