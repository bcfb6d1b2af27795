"""What access/ refuses in a form's words, as this door answers it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from bailiwick.api.problems import Problem
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.exceptions import ValidationError

TAKEN = ("name_taken", "domain_taken")


def refused(error: ValidationError, *, conflicts: tuple[str, ...] = TAKEN) -> Exception:
    """Beside their fields, 422, or 409 where somebody else was first; what is said of the whole is a conflict."""
    if not hasattr(error, "error_dict"):
        return Problem(HTTPStatus.CONFLICT, error.error_list[0].code or "conflict", error.messages[0])
    found = {
        field: [{"code": each.code or "invalid", "message": message} for each, message in _said(errors)]
        for field, errors in error.error_dict.items()
    }
    is_taken = any(each["code"] in conflicts for told in found.values() for each in told)
    return InvalidParams(found, status=HTTPStatus.CONFLICT if is_taken else HTTPStatus.UNPROCESSABLE_ENTITY)


def stale_as_precondition(problem: Exception, *, header: bool) -> Exception:
    """A stale version from If-Match is answered as HTTP wants it."""
    if header and isinstance(problem, Problem) and problem.code == "stale":
        problem.status = HTTPStatus.PRECONDITION_FAILED
    return problem


def _said(errors: list[ValidationError]) -> Iterator[tuple[ValidationError, str]]:
    for each in errors:
        for message in each.messages:
            yield each, message
