"""The two questions of a load balancer, and that every address of the portal can be loaded at all."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import get_resolver


def test_every_module_behind_an_address_can_be_imported():
    assert get_resolver().url_patterns


def test_a_stranger_may_ask_whether_the_portal_lives(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert answer["Cache-Control"] == "no-store"


def test_it_is_ready_when_the_tables_are_those_of_this_release(client, db):
    assert client.get("/readyz").status_code == 200


def test_it_is_not_ready_while_a_migration_is_missing(client, db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'bailiwick'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"the tables are not those of this release\n")


@pytest.mark.django_db(transaction=True)
def test_it_is_not_ready_without_tables_at_all(client):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO put_aside")
    try:
        assert client.get("/readyz").status_code == 503
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE put_aside RENAME TO django_migrations")
