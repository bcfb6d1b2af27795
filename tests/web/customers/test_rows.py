"""The rows come from a function: it must escape exactly as the template engine would."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from html.parser import HTMLParser

from django.template import engines
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.engine.listing.names import Names
from bailiwick.engine.listing.rows import Row
from bailiwick.web.customers.cells import words
from bailiwick.web.customers.columns import COLUMNS
from bailiwick.web.customers.rows import table_rows

NOW = datetime(2026, 3, 3, 4, 5, 6, tzinfo=UTC)
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onmouseover='x",
            "&lt;b&gt;",
            "{{ 7*7 }}",
            "\u202eevil",
        ]
    ),
)


class Reader(HTMLParser):
    """Collects what a browser would make of the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}


def row(text: str, **values: object) -> Row:
    texts = dict.fromkeys(
        (
            "name",
            "account_number",
            "domain",
            "contact_name",
            "contact_email",
            "contact_phone",
            "contact_mobile",
            "street",
            "city",
            "state",
            "postcode",
            "country",
            "timezone",
            "locale",
            "description",
        ),
        text,
    )
    plain = {
        "id": 7,
        "logical_id": uuid.UUID(int=7),
        "partner_id": 1,
        "gateway_pool_id": 2,
        "operator_profile_id": 3,
        "alerts_enabled": True,
        "operator_alerts_enabled": False,
        "edge_image_management": True,
        "bastion_state": text,
        "edge_authentication": text,
        "operator_access": True,
        "partner_access": True,
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
        "edges": 6,
        "edges_connected": 1,
        "edges_degraded": 2,
        "edges_down": 3,
        "edges_unactivated": 0,
        "status": 3,
        "services": [text],
    }
    return Row(**{**plain, **texts, **values})


def rendered(text: str) -> str:
    return table_rows([row(text)], Names(uuid.uuid4(), {1: text}, {2: text}, {3: text}), COLUMNS)


@settings(deadline=None)
@given(HOSTILE.filter(bool))
def test_words_are_escaped_as_the_template_engine_escapes_them(text: str) -> None:
    template = engines["django"].from_string("<bdi>{{ text }}</bdi>")
    assert words(text) == template.render({"text": text})


@settings(deadline=None)
@given(HOSTILE)
def test_no_text_adds_an_element_or_an_attribute(text: str) -> None:
    harmless, found = Reader(), Reader()
    harmless.feed(rendered("x"))
    found.feed(rendered(text))
    allowed = {"bdi", "span"}  # a long or an empty text is shown in another of these
    assert [tag for tag in found.tags if tag not in allowed] == [tag for tag in harmless.tags if tag not in allowed]
    assert found.attributes == harmless.attributes


def test_states_are_said_in_words_and_zero_states_left_out() -> None:
    shown = rendered("x")
    assert ">Down<" in shown
    assert 'aria-label="1 up, 2 degraded, 3 down"' in shown
    assert "not activated" not in shown
    assert 'title="2026-03-03 04:05:06 UTC">3 Mar 2026<' in shown
