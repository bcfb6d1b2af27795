"""The paths of the pages about people and the installation."""

from __future__ import annotations

from django.urls import path

from bailiwick.web.people import account, events, link, mailbox, passwords, properties, roles, self_test, sign_in, users
from bailiwick.web.people.factor import ask, confirm, manage
from bailiwick.web.people.sso import settings, trip

urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-in/factor", ask.ask, name="sign-in-factor"),
    path("sign-in/passkey", ask.passkey_alone, name="sign-in-passkey"),
    path("sign-in/back", trip.back, name="sign-in-back"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("link/<str:secret>", link.link, name="link"),
    path("forgot-password", passwords.forgot, name="forgot-password"),
    path("account", account.account, name="account"),
    path("account/first-password", passwords.first_password, name="first-password"),
    path("account/password", passwords.change_password, name="change-password"),
    path("account/confirm", confirm.confirm, name="confirm"),
    path("account/second-factor", manage.overview, name="second-factor"),
    path("account/second-factor/app", manage.add_app, name="add-app"),
    path("account/second-factor/passkey", manage.add_passkey, name="add-passkey"),
    path("account/second-factor/codes", manage.renew_codes, name="renew-codes"),
    path("account/second-factor/<int:factor_id>/<str:what>", manage.change, name="change-factor"),
    path("account/tokens", account.create_token, name="create-token"),
    path("account/tokens/<int:token_id>/revoke", account.revoke_token, name="revoke-token"),
    path("account/sessions/end-others", account.end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<int:browser_id>/end", account.end_session, name="end-session"),
    path("users", users.listing, name="users"),
    path("users.csv", users.as_csv, name="users-csv"),
    path("users/invite", users.invite, name="invite-user"),
    path("users/tokens", users.token_list, name="home-tokens"),
    path("users/tokens/<int:token_id>/revoke", users.revoke_token, name="revoke-home-token"),
    path("users/<int:user_id>/<str:what>", users.change, name="change-user"),
    path("partners/<int:partner_id>/users", users.of_partner, name="partner-users"),
    path("customers/<int:customer_id>/users", users.of_customer, name="customer-users"),
    path("roles", roles.matrix, name="roles"),
    path("roles/new", roles.new_role, name="new-role"),
    path("roles/<int:role_id>", roles.edit_role, name="edit-role"),
    path("roles/<int:role_id>/delete", roles.delete_role, name="delete-role"),
    path("self-test", self_test.self_test, name="self-test"),
    path("self-test/<int:run_id>", self_test.report, name="self-test-report"),
    path("self-test/<int:run_id>/live", self_test.live, name="self-test-live"),
    path("properties", properties.listing, name="properties"),
    path("properties/<str:name>", properties.update, name="update-property"),
    path("single-sign-on", settings.listing, name="single-sign-on"),
    path("single-sign-on/new", settings.new, name="new-provider"),
    path("single-sign-on/compulsory-factor", settings.compulsory, name="compulsory-factor"),
    path("single-sign-on/<int:provider_id>", settings.edit, name="edit-provider"),
    path("single-sign-on/<int:provider_id>/remove", settings.remove, name="remove-provider"),
    path("mailbox", mailbox.listing, name="mailbox"),
    path("mailbox/<int:mail_id>", mailbox.mail, name="mail"),
    path("events", events.listing, name="events"),
    path("events.csv", events.as_csv, name="events-csv"),
]
