"""The paths of the pages about people and the installation."""

from __future__ import annotations

from django.urls import path

from bailiwick.web.people import account, link, passwords, sign_in

urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("link/<str:secret>", link.link, name="link"),
    path("forgot-password", passwords.forgot, name="forgot-password"),
    path("account", account.account, name="account"),
    path("account/first-password", passwords.first_password, name="first-password"),
    path("account/password", passwords.change_password, name="change-password"),
    path("account/tokens", account.create_token, name="create-token"),
    path("account/tokens/<int:token_id>/revoke", account.revoke_token, name="revoke-token"),
]
