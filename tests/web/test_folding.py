"""What never changes in a template is worked out once for a language; what changes is not."""

import pytest
from django.template import Context, Engine
from django.template.base import TextNode
from django.utils import translation

PLAIN = "django.template.loaders.locmem.Loader"


def engine(**templates):
    return Engine(
        loaders=[("bailiwick.web.folding.Loader", [(PLAIN, templates)])],
        builtins=["django.templatetags.i18n", "bailiwick.web.folding"],
        libraries={"static": "bailiwick.web.folding"},
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('{% translate "Monday" %}', "Monday"),
        ('{% load static %}{% static "bailiwick/icon.svg" %}', "/static/bailiwick/icon.svg"),
        ("{% url 'customers' %}", "/customers"),
        ('{% translate "50 %% <b>" %}', "50 %% <b>"),
    ],
)
def test_a_tag_without_a_variable_is_text(written, shown):
    template = engine(page=written).get_template("page")
    assert isinstance(template.nodelist[-1], TextNode)
    assert template.render(Context()) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{% translate word %}", "Tuesday"),
        ('{% translate "Monday" as kept %}{{ kept }}', "Monday"),
        ('{% translate "Monday"|lower %}', "monday"),
        ("{% url 'customer' id %}", "/customers/7"),
        ("{% url name %}", "/jobs"),
        ("{% url 'jobs' as kept %}{{ kept }}", "/jobs"),
        ("{% static file as kept %}{{ kept }}", "/static/a.css"),
    ],
)
def test_a_tag_with_a_variable_a_filter_or_a_name_is_left_alone(written, shown):
    template = engine(page=written).get_template("page")
    assert not isinstance(template.nodelist[0], TextNode)
    for _again in range(2):
        assert template.render(Context({"word": "Tuesday", "id": 7, "name": "jobs", "file": "a.css"})) == shown


def test_each_language_has_its_own_words_in_pages_and_in_what_they_include_and_extend():
    made = engine(
        base="{% block a %}{% endblock %} {% translate 'Monday' %}",
        part="{% translate 'Tuesday' %}",
        page="{% extends 'base' %}{% block a %}{% include 'part' %}{% endblock %}",
    )
    for language, shown in (("en", "Tuesday Monday"), ("de", "Dienstag Montag"), ("en", "Tuesday Monday")):
        with translation.override(language):
            assert made.get_template("page").render(Context()) == shown


def test_a_page_speaks_one_language_whatever_the_browser_asks_for(client, db):
    answer = client.post("/sign-in", {"email": "", "password": "x"}, headers={"Accept-Language": "de"})
    assert "This field is required." in answer.content.decode()


def test_what_a_page_says_anyway_is_ascii_and_what_it_is_told_stays_as_it_is():
    template = engine(**{"page.html": "“{% translate 'Monday' %}” – {{ name }}…"}).get_template("page.html")
    assert template.render(Context({"name": "Müller"})) == "&#8220;Monday&#8221; &#8211; Müller&#8230;"


def test_a_mail_is_not_a_page():
    assert (
        engine(**{"mail.txt": "Until 3 – 4 o’clock"}).get_template("mail.txt").render(Context())
        == "Until 3 – 4 o’clock"
    )
