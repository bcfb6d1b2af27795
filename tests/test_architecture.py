"""The source keeps the rules of the house; each rule is shown red on a planted violation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import architecture

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "bailiwick"
PLANTED = {
    architecture.only_the_run_carries_an_action_out: ("web/x.py", '"""X."""\n\nMENU["a"].apply(batch)\n'),
    architecture.only_the_inner_layers_touch_tables: ("actions/x.py", '"""X."""\n\nCustomer.objects.all()\n'),
    architecture.only_the_inner_layers_hold_transactions: (
        "api/x.py",
        '"""X."""\n\nwith transaction.atomic():\n    pass\n',
    ),
    architecture.nobody_takes_the_back_door_to_tables: ("web/x.py", '"""X."""\n\nget_user_model()\n'),
    architecture.files_are_named_after_what_they_are: ("engine/utils.py", '"""X."""\n'),
    architecture.every_module_opens_with_one_sentence: ("engine/x.py", "import os\n"),
    architecture.nothing_is_too_long: ("actions/x.py", '"""X."""\n' + "x = 1\n" * 150),
    architecture.templates_hold_nothing_that_runs: ("web/templates/x.html", '<p style="color: red">x</p>\n'),
}


@pytest.mark.parametrize("rule", list(PLANTED), ids=lambda rule: rule.__name__)
def test_the_source_keeps_the_rule(rule) -> None:
    assert rule(SOURCE) == []


@pytest.mark.parametrize("rule", list(PLANTED), ids=lambda rule: rule.__name__)
def test_a_planted_violation_is_found(rule, tmp_path: Path) -> None:
    name, text = PLANTED[rule]
    planted = tmp_path / name
    planted.parent.mkdir(parents=True)
    planted.write_text(text)
    assert len(rule(tmp_path)) == 1


LONG = {
    "a function": ("web/x.py", '"""X."""\n\n\ndef f():\n' + "    x = 1\n" * 40),
    "a file": ("web/x.py", '"""X."""\n' + "x = 1\n" * 250),
    "a template": ("web/templates/x.html", "<p></p>\n" * 81),
}
INLINE = (
    "<script>x</script>",
    '<a onclick="x">',
    '<a hx-on:click="x">',
    "<a hx-vals='js:{a: 1}'>",
    '<a href="javascript:x">',
    "{{ name|safe }}",
)


@pytest.mark.parametrize("text", ['MENU["a"].make(batch)', "action.make(batch)", "self.action.apply(batch)"])
def test_each_way_to_carry_out_an_action_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(text)
    assert len(architecture.only_the_run_carries_an_action_out(tmp_path)) == 1


@pytest.mark.parametrize("what", LONG)
def test_each_kind_of_length_is_found(what: str, tmp_path: Path) -> None:
    name, text = LONG[what]
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(text)
    assert len(architecture.nothing_is_too_long(tmp_path)) == 1


@pytest.mark.parametrize("text", INLINE)
def test_each_kind_of_inline_code_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(text)
    assert len(architecture.templates_hold_nothing_that_runs(tmp_path)) == 1


LAYERS = {
    "the API borrows from the web": ("api/body.py", "from bailiwick.web import headers"),
    "a door imports a table": ("web/headers.py", "from bailiwick.models import Customer"),
    "the engine knows an action": ("engine/judge.py", "from bailiwick.actions import MENU"),
    "an action knows another": ("actions/delete_customer.py", "from bailiwick.actions import restore_customer"),
    "a folder that nobody placed": ("plugins/__init__.py", '"""New."""'),
}


def _layers(place: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": str(place)}
    return subprocess.run(
        [program, "--no-cache"], check=False, cwd=place, env=environment, capture_output=True, text=True, timeout=120
    )


def _copy(place: Path) -> None:
    shutil.copytree(SOURCE, place / "bailiwick", ignore=shutil.ignore_patterns("static", "templates", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)


def test_the_layers_hold(tmp_path: Path) -> None:
    _copy(tmp_path)
    kept = _layers(tmp_path)
    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize("what", LAYERS)
def test_a_planted_import_is_found(what: str, tmp_path: Path) -> None:
    _copy(tmp_path)
    name, line = LAYERS[what]
    planted = tmp_path / "bailiwick" / name
    planted.parent.mkdir(exist_ok=True)
    planted.write_text((planted.read_text() if planted.exists() else "") + f"\n{line}\n")
    assert _layers(tmp_path).returncode == 1
