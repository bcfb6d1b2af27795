"""What exists: the tables, their constraints, and questions about one row."""

from bailiwick.models.browsers import Browser, Device, FormerPassword
from bailiwick.models.configuration import (
    ConfigurationObject,
    ConfigurationReference,
    ConfigurationVersion,
)
from bailiwick.models.diagnostics import BundleKind, BundleState, DiagnosticBundle
from bailiwick.models.event import CustomersEvent, Event, PartnersEvent, Seal, VeiledEvent, WholeEvent
from bailiwick.models.fleet import ActivationKey, DeviceCertificate, DeviceContact, Revocation, RolloutEdge, RolloutStep
from bailiwick.models.licences import CustomerLicence, LicenceEdition, LicenceRegion, LicenceType, PartnerLicence
from bailiwick.models.listing import CustomerSearch, CustomerStat
from bailiwick.models.network import (
    ActivationState,
    Edge,
    EdgeState,
    Gateway,
    GatewayPool,
    GatewayState,
)
from bailiwick.models.partnership import OfferState, PartnerPool, PartnerProfile, TransferOffer
from bailiwick.models.people import Attempt, Confirmation, Level, Link, Role, SavedView, Token, User
from bailiwick.models.properties import SystemProperty
from bailiwick.models.self_test import SelfTest
from bailiwick.models.session import Session
from bailiwick.models.sign_in import Factor, Identity, IdentityProvider, RecoveryCode
from bailiwick.models.software import (
    OPEN_ROLLOUTS,
    CustomerProfile,
    OperatorProfile,
    ProfileKind,
    Rollout,
    RolloutState,
    SoftwareImage,
)
from bailiwick.models.tenancy import (
    BastionState,
    Customer,
    CustomerDetail,
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
    "OPEN_ROLLOUTS",
    "ActivationKey",
    "ActivationState",
    "Attempt",
    "BastionState",
    "Browser",
    "BundleKind",
    "BundleState",
    "ConfigurationObject",
    "ConfigurationReference",
    "ConfigurationVersion",
    "Confirmation",
    "Customer",
    "CustomerDetail",
    "CustomerLicence",
    "CustomerProfile",
    "CustomerSearch",
    "CustomerStat",
    "CustomersEvent",
    "Device",
    "DeviceCertificate",
    "DeviceContact",
    "DiagnosticBundle",
    "Edge",
    "EdgeAuthentication",
    "EdgeState",
    "Event",
    "Factor",
    "FormerPassword",
    "Gateway",
    "GatewayPool",
    "GatewayState",
    "Identity",
    "IdentityProvider",
    "Job",
    "JobChunk",
    "JobInput",
    "JobRefusal",
    "JobState",
    "Level",
    "LicenceEdition",
    "LicenceRegion",
    "LicenceType",
    "Link",
    "OfferState",
    "OperatorProfile",
    "OutboxMessage",
    "Partner",
    "PartnerLicence",
    "PartnerPool",
    "PartnerProfile",
    "PartnersEvent",
    "ProfileKind",
    "RecoveryCode",
    "Revocation",
    "Role",
    "Rollout",
    "RolloutEdge",
    "RolloutState",
    "RolloutStep",
    "SavedView",
    "Seal",
    "Selection",
    "SelectionChunk",
    "SelfTest",
    "Session",
    "SoftwareImage",
    "SystemProperty",
    "Token",
    "TransferOffer",
    "Upload",
    "User",
    "VeiledEvent",
    "WholeEvent",
]
