"""Passkeys (WebAuthn): the challenge a browser answers, and whether the answer is right. Checked by fido2."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bailiwick.access.login import living_users
from bailiwick.models import Factor

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.models import User

KIND = "passkey"
LONGEST_ANSWER = 20_000


class WrongPasskey(Exception):  # noqa: N818 -- reads as the sentence it is
    """Not the answer to this challenge, not from this site, not a key we know, or a copy of one."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the browser is: a passkey works there and nowhere else."""

    host: str
    origin: str

    def server(self) -> Fido2Server:
        """The library's checks, for exactly this origin."""
        relying_party = PublicKeyCredentialRpEntity(name="Bailiwick", id=self.host)
        return Fido2Server(relying_party, attestation=None, verify_origin=lambda origin: origin == self.origin)


def ask_new(site: Site, user: User) -> tuple[str, dict[str, Any]]:
    """What the browser is asked to make, as JSON, and what to remember until it answers."""
    who = PublicKeyCredentialUserEntity(
        id=user.logical_id.bytes, name=user.email, display_name=f"{user.first_name} {user.last_name}".strip()
    )
    options, state = site.server().register_begin(
        who,
        credentials=[_credential(row) for row in Factor.objects.filter(user=user, kind=KIND)],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return json.dumps(dict(options.public_key)), state


def made(site: Site, user: User, state: Any, answer: str, *, name: str, now: datetime) -> Factor:
    """The row of the new passkey, not yet stored. Raises WrongPasskey."""
    try:
        credential = site.server().register_complete(state, _parsed(answer))
    except Exception as error:  # whatever a hostile browser sends makes a parser stumble
        raise WrongPasskey from error
    known = credential.credential_data
    if known is None:
        raise WrongPasskey
    return Factor(
        user=user, partner_id=user.partner_id, customer_id=user.customer_id, created_at=now, kind=KIND, name=name,
        credential_id=websafe_encode(known.credential_id), public_key=bytes(known), sign_count=credential.counter,
    )  # fmt: skip


def ask(site: Site, user: User | None) -> tuple[str, dict[str, Any]]:
    """What the browser is asked to sign; without a user it picks the account, and must verify the person itself."""
    known = [_credential(row) for row in Factor.objects.filter(user=user, kind=KIND)] if user else None
    wanted = UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED
    options, state = site.server().authenticate_begin(known, user_verification=wanted)
    return json.dumps(dict(options.public_key)), state


def take(site: Site, state: Any, answer: str, *, user: User | None, now: datetime) -> User:
    """Returns whose passkey answered; with `user` it must be his. Raises WrongPasskey."""
    try:
        parsed = _parsed(answer)
        response = AuthenticationResponse.from_dict(parsed)
        row = Factor.objects.get(
            kind=KIND, credential_id=websafe_encode(response.raw_id), user__in=living_users().values("pk")
        )
        site.server().authenticate_complete(state, [_credential(row)], parsed)
        count = response.response.authenticator_data.counter
        handle = response.response.user_handle
    except Exception as error:  # as above
        raise WrongPasskey from error
    owner = living_users().select_related("partner", "customer").get(pk=row.user_id)
    if (user and user.pk != owner.pk) or (handle and handle != owner.logical_id.bytes) or not _count(row, count, now):
        raise WrongPasskey
    return owner


def _count(row: Factor, count: int, now: datetime) -> bool:
    """A counter that does not grow tells of a copied key; keys without one always say 0."""
    older = Factor.objects.filter(pk=row.pk)
    if count or row.sign_count:
        older = older.filter(sign_count__lt=count)
    return bool(older.update(sign_count=count, last_used_at=now))


def _credential(row: Factor) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(row.public_key))


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise WrongPasskey
    return dict(json.loads(answer))
