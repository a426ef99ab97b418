"""What the documents say is true of the repository: commands exist, locks match, pages obey the content security policy."""

import os
import re
import shlex
import socket
import subprocess

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from tests.repository.packages import PACKAGES, ROOT
from workbooks.plan import dictionary

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = sorted(path for path in (ROOT / "static").rglob("*") if path.suffix in (".css", ".js", ".svg"))
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
# A command ends with its line or code span, or where the shell takes over.
COMMAND = re.compile(r"""(?<![\w/.-])(make|\S*manage\.py) +((?:"[^"\n]*"|[^"`\n|>#&;)])+)""")


def commands(program):
    """(document, arguments) of every command in the documents' code that runs `make` or `manage.py`."""
    return sorted(
        {
            (document.relative_to(ROOT).as_posix(), match[2].strip())
            for document in DOCUMENTS
            for code in CODE.findall(document.read_text())
            for match in COMMAND.finditer(code)
            if match[1].endswith(program)
        }
    )


@pytest.mark.parametrize(("document", "arguments"), commands("make"))
def test_documented_make_commands_exist(document, arguments):
    done = subprocess.run(["make", "--dry-run", *shlex.split(arguments)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("document", "arguments"), commands("manage.py"))
def test_documented_management_commands_accept_their_arguments(document, arguments):
    name, *rest = shlex.split(arguments)
    assert name in get_commands(), f"{document} names manage.py {name}"
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    command.create_parser("manage.py", name).parse_args(rest)


def test_the_documents_name_the_commands_of_every_day():
    assert {arguments.split()[0] for _, arguments in commands("make")} >= {"run", "test"}
    assert {arguments.split()[0] for _, arguments in commands("manage.py")} >= {
        "migrate",
        "collectstatic",
        "createsuperuser",
        "load_official",
        "check_figures",
        "export_plan",
        "export_site",
        "import_plan",
        "bench",
        "axes_reset",
    }


def test_make_alone_lists_every_command_for_people():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^make (\w+) ", listed, re.MULTILINE) == [
        "help",
        "run",
        "test",
        "soak",
        "bench",
        "lint",
        "format",
        "lock",
        "clean",
    ]


def test_make_run_says_that_its_port_is_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        # `make test` leaves word for a make that it calls; a person's shell has none.
        alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
        done = subprocess.run(["make", "run", f"PORT={port}"], cwd=ROOT, env=alone, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == (
        f"ポート {port} は使えません（Address already in use）。"
        f"ほかのプログラムを止めるか、make run PORT={port + 1} のように別の番号を指定してください。"
    )


def test_the_workbook_document_says_what_the_specification_says():
    """To renew it, put `dictionary.as_markdown()` behind its last heading."""
    document = (ROOT / "docs" / "guide-workbook.md").read_text()
    assert document.partition("## 列の一覧\n\n")[2] == dictionary.as_markdown()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def test_the_architecture_lists_every_model_in_its_package():
    text = (ROOT / "docs" / "architecture.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)/` \| (.*`\w+`) \|$", text.partition("## Data model")[2], re.MULTILINE))
    listed = {package: re.findall(r"`(\w+)`", row) for package, row in rows.items()}
    own = [app for app in apps.get_app_configs() if app.name in PACKAGES]
    models = {
        app.name: [m.__name__ for m in app.get_models() if not m.__name__.startswith("Historical")] for app in own
    }
    assert listed == {package: names for package, names in models.items() if names}


# A path of the repository, as documents and comments name it.
PATH = re.compile(
    rf"(?<![\w/.-])((?:{'|'.join((*PACKAGES, 'tests', 'templates', 'static', 'fixtures', 'docs'))})/[\w/.-]*\w\.(?:py|md|css|js|ya?ml))\b"
)


def test_paths_that_texts_and_comments_name_exist():
    files = [
        *DOCUMENTS,
        *(path for package in (*PACKAGES, "static") for path in (ROOT / package).rglob("*.*")),
    ]
    texts = {path: path.read_text() for path in files if path.suffix in (".md", ".py", ".js", ".css")}
    gone = {
        (path.relative_to(ROOT).as_posix(), name)
        for path, text in texts.items()
        for name in PATH.findall(text)
        if not (ROOT / name).exists()
        and not (ROOT / "templates" / name).exists()
        and not (ROOT / "static" / name).exists()
    }
    assert gone == set()


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def test_nothing_is_left_for_later():
    left = re.compile("TO" + "DO|FIX" + "ME|XX" + "X")
    folders = (*PACKAGES, "docs", "static", "templates", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")] + [
        ROOT / "Makefile",
        ROOT / "README.md",
    ]
    texts = (".py", ".html", ".css", ".js", ".md", ".txt", ".yaml", "")
    assert [p for p in files if p.is_file() and p.suffix in texts and left.search(p.read_text())] == []


def pins(path):
    """{name: version} of the requirements that a file names with "=="; names normalised."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?(?:==([^\s;\\]+))?", path.read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in lines if not name.startswith("-")}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_lock_files_hold_what_is_asked_for(name):
    asked, locked = pins(ROOT / f"{name}.in"), pins(ROOT / f"{name}.txt")
    assert {package: locked.get(package) for package in asked} == {
        package: version or locked.get(package, "missing") for package, version in asked.items()
    }
    blocks = re.split(r"\n(?=\S)", (ROOT / f"{name}.txt").read_text().strip())
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_the_development_lock_is_the_runtime_lock_and_more():
    runtime, development = pins(ROOT / "requirements.txt"), pins(ROOT / "requirements-dev.txt")
    assert {package: development.get(package) for package in runtime} == runtime


# What the content security policy would block, or what would call out of the city's network.
FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "outside file": re.compile(r"(?:\bsrc|<link[^>]*\bhref|\baction|srcset)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_templates_obey_the_content_security_policy(path):
    text = path.read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_static_files_name_no_outside_host(path):
    text = path.read_text().replace("http://www.w3.org/", "")  # names of XML vocabularies, never fetched
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text) == []
