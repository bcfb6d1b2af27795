"""Whatever a customer owns goes with it inside PostgreSQL: the models' CASCADE is the constraint's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import CASCADE

from bailiwick.models import Customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import ForeignKey, Model

DELETES = """
SELECT c.confdeltype FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.conrelid = %s::regclass AND a.attname = %s
"""


def owned(model: type[Model]) -> Iterator[ForeignKey]:
    for relation in model._meta.related_objects:
        if relation.on_delete is CASCADE:
            yield relation.field
            yield from owned(relation.related_model)


@pytest.mark.django_db
@pytest.mark.parametrize("key", set(owned(Customer)), ids=str)
def test_the_constraint_deletes_what_is_owned(key: ForeignKey) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DELETES, [f'"{key.model._meta.db_table}"', key.column])
        assert cursor.fetchall() == [("c",)]
