"""Transfer to Partner: customers get a partner, with the delegations and resources that he needs for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for, partners_for, pools_of, profiles_of
from bailiwick.engine import handover
from bailiwick.engine.action import Change, Refusal
from bailiwick.engine.forms.form import DefaultsForm
from bailiwick.models import BastionState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer

UNSTAGED = (BastionState.UNCONFIGURED, BastionState.UNSTAGED)


class TransferToPartner(Change):
    """Gives the selected customers to a partner. Afterwards only a customer itself can grant its partner access."""

    label = gettext_lazy("Transfer to Partner")
    permission = Permission.CUSTOMER_TRANSFER
    event = "ENTERPRISE_TRANSFERRED"
    category = "ENTERPRISE"
    group = "partner"

    class Params(DefaultsForm):
        """To whom, what each side may do, and what happens where the partner lacks something."""

        partner: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
            label=gettext_lazy("Partner"), queryset=None, empty_label=gettext_lazy("Choose a partner")
        )
        partner_access = forms.BooleanField(
            label=gettext_lazy("Delegate to partner"),
            required=False,
            initial=True,
            help_text=gettext_lazy("Its users may open these customers. Without it they see the name only."),
        )
        operator_access = forms.ChoiceField(
            label=gettext_lazy("Delegate to operator"),
            choices=[
                ("keep", gettext_lazy("As it is now")),
                ("true", gettext_lazy("Operators may open these customers")),
                ("false", gettext_lazy("Operators may not open these customers")),
            ],
            initial="keep",
            required=False,
        )
        missing_pool = forms.ChoiceField(
            label=gettext_lazy("If the partner lacks a customer's gateway pool"),
            choices=[
                ("refuse", gettext_lazy("Leave this customer where it is")),
                ("share", gettext_lazy("Share the pool with the partner")),
                ("move", gettext_lazy("Move the customer to a pool of the partner")),
            ],
            widget=forms.RadioSelect,
            initial="refuse",
            required=False,
        )
        gateway_pool: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
            label=gettext_lazy("Pool to move to"),
            queryset=None,
            required=False,
            help_text=gettext_lazy("Only where customers move: their edges connect anew, sessions are interrupted."),
        )
        add_profiles = forms.BooleanField(
            label=gettext_lazy("Assign the customers' operator profiles to the partner where it lacks them"),
            required=False,
            help_text=gettext_lazy("Without it a customer whose profile the partner lacks stays where it is."),
        )
        from_partner = forms.BooleanField(
            label=gettext_lazy("Also move customers of another partner"),
            required=False,
            help_text=gettext_lazy("They are released and transferred in one step."),
        )

        def prepare(self) -> None:
            """The operator's partners and pools."""
            self.fields["partner"].queryset = partners_for(self.actor).order_by("name_key")  # type: ignore[attr-defined]
            self.fields["gateway_pool"].queryset = gateway_pools_for(self.actor).order_by("name_key")  # type: ignore[attr-defined]

        def clean(self) -> dict[str, Any]:
            """A move needs a pool, and it must be one of the partner's."""
            cleaned: dict[str, Any] = self.cleaned_data
            partner, pool = cleaned.get("partner"), cleaned.get("gateway_pool")
            if cleaned.get("missing_pool") != "move" or partner is None:
                return cleaned
            if pool is None:
                self.add_error("gateway_pool", ValidationError(_("Choose a pool of the partner."), code="required"))
            elif not pools_of(partner.pk).filter(pk=pool.pk).exists():
                message = _("This pool is not one of the partner's.")
                self.add_error("gateway_pool", ValidationError(message, code="pool_not_of_partner"))
            return cleaned

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Domain 8.2: nothing is taken silently."""
        return tuple(self._refusals(params))

    def _refusals(self, params: Mapping[str, Any]) -> Iterator[Refusal]:
        partner = params["partner"]
        named = {"partner": partner.name}
        already = _("Belongs to %(partner)s already.") % named
        yield Refusal(Q(partner_id=partner.pk), already, "already_so", harmless=True)
        if not params["from_partner"]:
            yield Refusal(Q(partner_id__isnull=False), _("Belongs to another partner."), "has_partner")
        staged = _("Is staged to the bastion: unstage it first.")
        yield Refusal(~Q(bastion_state__in=UNSTAGED), staged, "is_staged")
        if params["missing_pool"] != "move":
            foreign = _("Its gateway pool belongs to another partner: move it to a pool of the new one.")
            yield Refusal(_others_pool(partner.pk), foreign, "pool_of_another_partner")
        if params["missing_pool"] == "refuse":
            lacks = _("%(partner)s lacks its gateway pool.") % named
            yield Refusal(_lacks_pool(partner.pk), lacks, "pool_lacking")
        if not params["add_profiles"]:
            lacks = _("%(partner)s lacks its operator profile.") % named
            yield Refusal(_lacks_profile(partner.pk), lacks, "profile_lacking")

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The owner and the delegations; a pool changes only where the partner lacks it."""
        return {"partner_id": params["partner"].pk, **_delegations(params)}

    def apply(self, batch: Batch) -> None:
        """What the partner lacks comes first, then the delegations' events, then the owner of every half."""
        params, partner_id = batch.params, batch.params["partner"].pk
        if not batch.rows.count:
            return
        if params["missing_pool"] == "move":
            handover.move_pools(batch, partner_id=partner_id, pool_id=params["gateway_pool"].pk)
        elif params["missing_pool"] == "share":
            handover.share_pools(batch, partner_id)
        if params["add_profiles"]:
            handover.assign_profiles(batch, partner_id)
        handover.tell_delegations(batch, partner_id, **_delegations(params))
        batch.update(**self.values(params, now=batch.now))
        handover.follow_owner(batch, partner_id)

    def besides(self, rows: QuerySet[Customer], params: Mapping[str, Any]) -> Mapping[int, Mapping[str, Any]]:
        """The new pool of those that move."""
        if params["missing_pool"] != "move":
            return {}
        own = set(pools_of(params["partner"].pk).values_list("pk", flat=True))
        pools = {customer.pk: customer.gateway_pool_id for customer in rows}
        return {pk: {"gateway_pool_id": params["gateway_pool"].pk} for pk, pool in pools.items() if pool not in own}

    def warnings(self, rows: QuerySet[Customer], params: Mapping[str, Any]) -> Sequence[str]:
        """Which pools and profiles the partner gets, or from which pools customers move, and how many use each."""
        named = {"partner": params["partner"].name}
        found = []
        lacking = rows.filter(_lacks_pool(params["partner"].pk), bastion_state__in=UNSTAGED)
        if params["missing_pool"] == "share" and (pools := _counted(lacking, "gateway_pool__name")):
            found.append(_("%(partner)s may use more gateway pools: %(names)s.") % {**named, "names": pools})
        if params["missing_pool"] == "move" and (pools := _counted(lacking, "gateway_pool__name")):
            moved = {"pool": params["gateway_pool"].name, "names": pools}
            found.append(_("Customers move to the pool %(pool)s from: %(names)s.") % moved)
        others = rows.filter(_lacks_profile(params["partner"].pk))
        if params["add_profiles"] and (profiles := _counted(others, "operator_profile__name")):
            found.append(_("%(partner)s may pass on more operator profiles: %(names)s.") % {**named, "names": profiles})
        return tuple(found)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """What each side gains and loses."""
        named = {"partner": params["partner"].name}
        sees = _("Users of %(partner)s see these customers at once, and may open them.")
        name_only = _("Users of %(partner)s see the names of these customers, and cannot open them.")
        told = [(sees if params["partner_access"] else name_only) % named]
        if params["operator_access"] == "false":
            told.append(_("Operators can no longer open these customers; only a customer or its partner changes that."))
        return (*told, _("Afterwards only a customer itself can grant its partner access."))

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Transfer to %(partner)s") % {"partner": params["partner"].name}

    def button(self, count: int) -> str:
        """What the button says."""
        return ngettext("Transfer %(count)s customer", "Transfer %(count)s customers", count) % {"count": f"{count:,}"}


def _delegations(params: Mapping[str, Any]) -> dict[str, bool]:
    given = {"partner_access": params["partner_access"]}
    chosen = params["operator_access"]
    return given if chosen == "keep" else {**given, "operator_access": chosen == "true"}


def _lacks_pool(partner_id: int) -> Q:
    return Q(~Exists(pools_of(partner_id).filter(pk=OuterRef("gateway_pool_id"))))


def _others_pool(partner_id: int) -> Q:
    return Q(gateway_pool__partner_id__isnull=False) & ~Q(gateway_pool__partner_id=partner_id)


def _lacks_profile(partner_id: int) -> Q:
    return Q(~Exists(profiles_of(partner_id).filter(pk=OuterRef("operator_profile_id"))))


def _counted(rows: QuerySet[Customer], name: str) -> str:
    counts = rows.order_by().values_list(name).annotate(n=Count("pk")).order_by("-n")
    return ", ".join(f"{label} ({count:,})" for label, count in counts)
