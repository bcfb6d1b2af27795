"""Sort keys that an index holds: written without parameters, so that a kept plan knows them for the index's own."""

from __future__ import annotations

from django.db.models import FloatField, Func, TextField


class Beginning(Func):
    """A long text as far as a list shows it, in small letters."""

    template = "lower(left(%(expressions)s, 80))"
    output_field = TextField()


class Written(Func):
    """A list of words as it is stored."""

    template = "(%(expressions)s)::text"
    output_field = TextField()


class Degrees(Func):
    """A latitude or longitude; an unknown one is less than any."""

    template = "coalesce(%(expressions)s, -1000)"
    output_field = FloatField()
