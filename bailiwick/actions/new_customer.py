"""New Customer: one customer with its first administrator, who is invited by mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from bailiwick.access.permissions import Permission
from bailiwick.engine.forms.customer_form import CompleteForm
from bailiwick.engine.intake.newborn import Newborn


class NewCustomer(Newborn):
    """Creates a customer. Its first administrator gets an invitation and chooses a password."""

    label = gettext_lazy("New Customer")
    permission = Permission.CUSTOMER_CREATE

    class Params(CompleteForm):
        """Everything about the new customer."""
