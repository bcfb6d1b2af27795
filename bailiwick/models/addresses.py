"""E-mail addresses and domains: what mail servers can deliver, stored one way, shown another (reliability 2.4)."""

from __future__ import annotations

import re

import idna

EMAIL_LENGTH = 254
DOMAIN_LENGTH = 253
# Letters and digits of ASCII stay what they are: a file of 100,000 lines need not ask the tables of IDNA for each.
LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PLAIN = re.compile(rf"{LABEL}(?:\.{LABEL})*", re.ASCII | re.IGNORECASE)


class Undeliverable(ValueError):  # noqa: N818 -- reads as the sentence it is
    """The address or domain breaks a rule; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def stored_domain(text: str) -> str:
    """Returns the domain in lower case as A-labels (`xn--mnchen-3ya.de`). Raises Undeliverable."""
    if len(text) <= DOMAIN_LENGTH and PLAIN.fullmatch(text):
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError, ValueError):
        raise Undeliverable("domain") from None


def shown_domain(text: str) -> str:
    """Returns the domain as people write it; a broken one as it is."""
    try:
        return idna.decode(text)
    except (idna.IDNAError, UnicodeError, ValueError):
        return text


def stored_email(text: str) -> str:
    """Returns the address with its domain as A-labels. Raises Undeliverable."""
    local, at, domain = text.rpartition("@")
    if not at or not local:
        raise Undeliverable("form")
    if not local.isascii():
        raise Undeliverable("local_part")
    if domain.startswith("["):
        raise Undeliverable("address_literal")
    address = f"{local}@{stored_domain(domain)}"
    if len(address) > EMAIL_LENGTH:
        raise Undeliverable("length")
    return address


def shown_email(address: str) -> str:
    """Returns a stored address as people write it."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{shown_domain(domain)}"


def email_key(text: str) -> str:
    """The form in which addresses are compared; what is no address stays a text that matches nobody."""
    text = "".join(character for character in text.strip() if character.isprintable())
    try:
        return stored_email(text).casefold()
    except Undeliverable:
        return text.casefold()[:EMAIL_LENGTH]
