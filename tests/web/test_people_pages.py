"""Users, roles, properties, mailbox, events: strangers and wrong roles first, hostile text, then the work itself."""

import csv
import io

import pytest
from django.utils import timezone

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import property_value
from bailiwick.models import CustomerDetail, Event, OutboxMessage, User
from bailiwick.outbox import enqueue_mail
from bailiwick.web import sessions
from tests.world import NOW

HOSTILE = "<script>alert(1)</script>{{ 7 }}"


@pytest.fixture
def as_(client, world, rf):
    """Signs one of the cast in, as the sign-in page does."""

    def enter(name):
        user = getattr(world, name)
        request = rf.get("/")
        request.session = client.session
        sessions.begin(request, user, timezone.now())
        request.session.save()
        client.cookies["session"] = request.session.session_key
        return client

    return enter


OPEN_TO = {
    "/users": {"olga", "stan", "pia", "stranger", "carla"},
    "/users.csv": {"olga", "stan", "pia", "stranger", "carla"},
    "/users/tokens": {"olga", "pia", "stranger", "carla"},
    "/roles": {"olga", "stan", "bea", "sam", "pia", "stranger", "carla"},
    "/properties": {"olga", "stan"},
    "/mailbox": {"olga"},
    "/events": {"olga", "stan", "bea", "sam", "pia", "stranger", "carla"},
    "/events.csv": {"olga", "stan", "bea", "sam", "pia", "stranger", "carla"},
    "/account": {"olga", "stan", "bea", "sam", "pia", "stranger", "carla"},
}


@pytest.mark.parametrize("path", OPEN_TO)
@pytest.mark.parametrize("who", ["olga", "stan", "bea", "sam", "pia", "stranger", "carla"])
def test_each_page_is_open_to_whom_the_table_says(as_, path, who):
    answer = as_(who).get(path)
    if who in OPEN_TO[path]:
        assert answer.status_code == 200
    elif path == "/users":
        assert answer["Location"] == "/roles"
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("what", ["disable", "enable", "unlock", "reset", "delete", "role"])
@pytest.mark.parametrize("who", ["stan", "sam", "pia", "carla"])
def test_the_wrong_role_changes_nobody(as_, world, who, what):
    before = list(User.objects.order_by("pk").values("is_active", "role", "deleted_at"))
    answer = as_(who).post(f"/users/{world.bea.pk}/{what}", {"role": "support"})
    assert answer.status_code in (403, 404, 422)
    assert list(User.objects.order_by("pk").values("is_active", "role", "deleted_at")) == before


def test_unknown_users_verbs_and_users_of_other_portals_do_not_exist(as_, world):
    client = as_("olga")
    answers = [client.post(f"/users/{key}/disable") for key in (world.carla.pk, 99_999_999, 2**63 - 1)]
    answers.append(client.post(f"/users/{world.sam.pk}/promote"))
    assert {answer.status_code for answer in answers} == {404}
    assert client.get(f"/users/{world.sam.pk}/disable").status_code == 405


def test_an_invitation_ignores_what_the_form_does_not_ask(as_):
    form = {"email": "new@operator.example", "role": "support"}
    form |= {"level": "customer", "is_active": "", "is_superuser": "1",
            "password": "x", "partner_id": "1"}  # fmt: skip
    assert as_("olga").post("/users/invite", form)["Location"] == "/users?done=invited"
    user = User.objects.get(email="new@operator.example")
    assert (user.level, user.role, user.is_active, user.partner_id, user.has_usable_password()) == (
        "operator", "support", True, None, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "olga@operator.example", "Another user has this"),
        ("email", "a@[127.0.0.1]", "not a network address"),
        ("first_name", "A\u202eB", "U+202E"),
        ("first_name", "A\x00B", "U+0000"),
        ("phone", "<b>", "the character &lt;"),
        ("role", "partner-superuser", "valid choice"),
        ("role", "", "required"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field(as_, field, value, says):
    form = {"email": "new@operator.example", "role": "support", field: value}
    answer = as_("olga").post("/users/invite", form)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not User.objects.filter(email="new@operator.example").exists()


def test_hostile_names_are_text_everywhere(as_, world):
    world.sam.first_name = HOSTILE
    world.sam.save()
    audit.record(
        world.actor(world.olga), HOSTILE[:64], subject=HOSTILE, before={HOSTILE: HOSTILE}, after={"x": HOSTILE}
    )
    enqueue_mail(["a@example.com"], subject=HOSTILE, body=HOSTILE, key="k", now=NOW)
    client = as_("olga")
    for path in ("/users", "/events", "/mailbox", f"/mailbox/{OutboxMessage.objects.get().pk}",
                 f"/events?subject={HOSTILE}",
                 f"/users?done={HOSTILE}", f"/properties?saved={HOSTILE}"):  # fmt: skip
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert HOSTILE not in page


def test_formulas_in_files_are_text(as_, world):
    world.sam.first_name = "=1+1"
    world.sam.save()
    audit.record(world.actor(world.olga), "UPDATE_ENTERPRISE", subject='@x"\n', after={"a": "é"})
    client = as_("olga")
    rows = list(csv.reader(io.StringIO(client.get("/users.csv").content.decode("utf-8-sig"))))
    assert "'=1+1" in next(row for row in rows if row[0] == world.sam.email)
    text = b"".join(client.get("/events.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 2
    assert rows[1][10] == "'@x\"\n"
    assert rows[1][12] == '{"a": "é"}'


def test_the_role_matrix_is_the_permission_table(as_):
    page = as_("sam").get("/roles").content.decode()
    for permission in Permission:
        assert f"<code>{permission.value}</code>" in page


def test_properties_are_saved_and_a_stale_page_is_refused_with_the_others_value(as_, world):
    client = as_("stan")
    name = "vco.alert.mail.to"
    assert client.post(f"/properties/{name}", {"value": "noc@example.com", "version": "0"}).status_code == 302
    answer = client.post(f"/properties/{name}", {"value": "other@example.com", "version": "0"})
    assert answer.status_code == 409
    assert "noc@example.com" in answer.content.decode()
    assert property_value(name) == "noc@example.com"
    assert (
        client.post("/properties/session.options.enableApiTokenAuth", {"value": "false", "version": "0"}).status_code
        == 403
    )
    assert client.post("/properties/unknown", {"value": "x", "version": "0"}).status_code == 404
    for version in ("", "x", "-1", "²", "9" * 30):
        assert client.post(f"/properties/{name}", {"value": "z@example.com", "version": version}).status_code == 409
    assert client.post(f"/properties/{name}", {"value": "nobody", "version": "1"}).status_code == 422


def test_events_are_filtered_and_garbage_is_said_beside_the_field(as_, world):
    for number in range(60):
        audit.record(world.actor(world.olga), "UPDATE_ENTERPRISE", subject=f"row-{number:02}", customer=world.contoso)
    audit.record(world.actor(world.sam), "OTHER", subject="elsewhere")
    client = as_("olga")
    page = client.get("/events?name=update_enterprise").content.decode()
    assert "row-59" in page
    assert "row-09" not in page
    assert "elsewhere" not in page
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    page = client.get("/events" + following).content.decode()
    assert "row-09" in page
    assert "row-10" not in page
    for query in (
        "from=banana",
        "customer=x",
        "job=0",
        "since=yesterday",
        f"customer={2**63}",
        "after=x",
        "door=window",
        "name=%00",
    ):
        assert client.get(f"/events?{query}").status_code == 422
        assert client.get(f"/events.csv?{query}").status_code == 422


def test_the_page_shows_before_and_after_and_the_readers_own_time(as_, world):
    world.olga.timezone = "Asia/Kathmandu"
    world.olga.save()
    audit.record(
        world.actor(world.olga), "X", subject="s", before={"role": "support"}, after={"role": "business"}, at=NOW
    )
    page = as_("olga").get("/events").content.decode()
    assert "<bdi>support</bdi></del> &#8594; <ins><bdi>business</bdi>" in page
    assert "Time (Asia/Kathmandu)" in page
    assert "2026-11-22 17:45:00" in page


def test_a_door_has_one_name_on_the_page_in_its_filter_and_in_the_file(as_, world):
    audit.record(world.actor(world.olga), "X", subject="s")
    page = as_("olga").get("/events?door=web&name=x").content.decode()
    assert "<td>Page</td>" in page
    assert '<option value="web" selected>Page</option>' in page
    assert ',"Page",' in b"".join(as_("olga").get("/events.csv?name=x").streaming_content).decode()


def test_tokens_are_shown_once_and_only_ones_own_can_be_revoked(as_, world):
    page = as_("olga").post("/account/tokens", {"name": "nightly", "days": "30", "scope": "all"}).content.decode()
    token = page.split('value="bw_')[1].split('"')[0]
    assert token not in as_("olga").get("/account").content.decode()
    key = world.olga.tokens.get().pk
    assert as_("sam").post(f"/account/tokens/{key}/revoke").status_code == 404
    assert as_("olga").post(f"/account/tokens/{key}/revoke").status_code == 302
    assert world.olga.tokens.get().revoked_at
    assert as_("olga").post("/account/tokens", {"name": "x", "days": "99999", "scope": "all"}).status_code == 422


def test_the_account_page_saves_names_and_no_rights(as_, world):
    form = {"first_name": "Sam", "timezone": "Europe/Zurich", "role": "superuser", "email": "x@y.example"}
    assert as_("sam").post("/account", form).status_code == 302
    world.sam.refresh_from_db()
    assert (world.sam.first_name, world.sam.timezone, world.sam.role) == ("Sam", "Europe/Zurich", "support")
    assert as_("sam").post("/account", {"timezone": "Mars/Base"}).status_code == 422
    assert Event.objects.filter(name="UPDATE_USER").count() == 1


def test_who_may_not_reset_his_password_himself_gets_no_letter(client, world):
    CustomerDetail.objects.filter(customer=world.contoso).update(self_service_password_reset=False)
    for user in (world.carla, world.pia):
        assert client.post("/forgot-password", {"email": user.email}).status_code == 200
    assert [mail.payload["to"] for mail in OutboxMessage.objects.all()] == [world.pia.email]


def test_forgetting_the_password_says_the_same_for_everybody_and_mails_at_most_three_letters(client, world):
    world.olga.set_password("correct horse battery")
    world.olga.save()
    bodies = {client.post("/forgot-password", {"email": email}).content.split(b"<p role")[1].split(b"</p>")[0]
              for email in (world.olga.email, "nobody@example.com", "garbage", world.olga.email)}  # fmt: skip
    assert len(bodies) == 1
    for _time in range(5):
        client.post("/forgot-password", {"email": world.olga.email})
    assert OutboxMessage.objects.count() == 3
    assert {mail.payload["to"] for mail in OutboxMessage.objects.all()} == {world.olga.email}
