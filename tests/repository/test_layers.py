"""Imports, `{% load %}`, `{% include %}` and `{% extends %}` run one way, and nothing above the line is used below it.

The order is the one of docs/architecture.md: a package may use those before it. The line lies between the business, which
knows no page, and presentation, which holds no rule.
"""

import ast
import re
import subprocess

import pytest

from tests.repository.packages import PACKAGES, PRODUCT, ROOT, TEMPLATES, package_of

ORDER = {name: place for place, name in enumerate(PACKAGES)}
# Templates that Django's own admin looks for by these names; they are the staff's.
TEMPLATE_OWNERS = {"admin": "staff"}
# What settings may name of a package above the line: what stands around requests, and the admin's site. Nothing that a
# template of the business could use without loading it.
BUILT_IN_TAGS = ["core.templatetags.facts"]

TAG_LIBRARIES = {path.stem: path.relative_to(ROOT).parts[0] for path in PRODUCT if path.parent.name == "templatetags"}
_LOAD = re.compile(r"\{%-?\s*load\s+(?:[\w\s,]+\s+from\s+)?([\w\s]+?)-?%\}")
_USED = re.compile(r"""\{%-?\s*(?:include|extends)\s+["']([\w./-]+)["']""")
_DOTTED = re.compile(rf"""["']((?:{"|".join(PACKAGES)})(?:\.\w+)+)["']""")
MOST_LINES = 500


def imported(text):
    """First parts of the names of all modules that Python code imports, wherever in the file. Relative imports are own."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def above(package, used):
    """Those of the used packages that stand above a package, and the tests."""
    place = ORDER[package]
    return sorted({name for name in used if name == "tests" or ORDER.get(name, -1) > place})


def template_owner(name):
    """The package of a template by its name: the first folder. Django's own belong to nobody here."""
    folder = name.partition("/")[0]
    owner = TEMPLATE_OWNERS.get(folder, folder)
    return owner if owner in ORDER else None


def used_by_template(text):
    """Packages whose tags or templates a template uses."""
    for libraries in _LOAD.findall(text):
        yield from (TAG_LIBRARIES[name] for name in libraries.split() if name in TAG_LIBRARIES)
    yield from filter(None, map(template_owner, _USED.findall(text)))


def rendered(text):
    """Packages whose templates Python code names."""
    for name in re.findall(r"""["']([a-z_]+/[\w/{}-]+\.(?:html|txt|xml))["']""", text):
        if owner := template_owner(name):
            yield owner


def test_imports_run_one_way():
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in PRODUCT
        if "migrations" not in path.parts and (found := above(package_of(path), imported(path.read_text())))
    }
    assert wrong == {}


def test_templates_use_what_stands_below_them():
    wrong = {}
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "templates").as_posix()
        if found := above(template_owner(name), used_by_template(path.read_text())):
            wrong[name] = found
    assert wrong == {}


def test_every_template_stands_in_the_folder_of_a_package():
    names = [path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES]
    assert [name for name in names if template_owner(name) is None] == []


def test_code_renders_templates_of_its_own_or_a_lower_package():
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in PRODUCT
        if package_of(path) != "kodaira_reform" and (found := above(package_of(path), rendered(path.read_text())))
    }
    assert wrong == {}


def test_no_name_in_a_text_leads_upwards():
    """Dotted names in strings are imports too: signals, tasks, patches."""
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in PRODUCT
        if package_of(path) != "kodaira_reform" and "migrations" not in path.parts
        if (found := above(package_of(path), {name.partition(".")[0] for name in _DOTTED.findall(path.read_text())}))
    }
    assert wrong == {}


def test_settings_build_in_no_tag_from_above_the_line(settings):
    (engine,) = settings.TEMPLATES
    assert engine["OPTIONS"]["builtins"] == BUILT_IN_TAGS
    packages = [name for name in settings.INSTALLED_APPS if name.partition(".")[0] in ORDER and "." not in name]
    assert packages == [name for name in PACKAGES if name != "kodaira_reform"]


@pytest.mark.parametrize(
    ("package", "code", "found"),
    [
        ("accounts", "def late():\n    from reviews.models import Report\n    return Report\n", ["reviews"]),
        ("workbooks", "import website.grid\n", ["website"]),
        ("core", "from tests import factories\n", ["tests"]),
        ("staff", "from reviews import workflow\n", []),
    ],
)
def test_the_check_sees_a_forbidden_import(package, code, found):
    assert above(package, imported(code)) == found


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("reviews/mail/opened.txt", "{% load plan %}", ["opendata"]),
        ("opendata/base.html", '{% include "website/parts/pager.html" %}', ["website"]),
        ("website/plan.html", '{% extends "staff/act.html" %}', ["staff"]),
        ("admin/index.html", '{% extends "admin/base_site.html" %}{% load static plan %}', []),
    ],
)
def test_the_check_sees_a_forbidden_load_or_include(name, text, found):
    assert above(template_owner(name), used_by_template(text)) == found


def test_nothing_imports_the_top():
    users = [
        path
        for path in PRODUCT
        if package_of(path) != "kodaira_reform" and "kodaira_reform" in imported(path.read_text())
    ]
    assert users == []
    assert sorted(path.name for path in (ROOT / "kodaira_reform").glob("*.py")) == [
        "__init__.py",
        "settings.py",
        "urls.py",
        "wsgi.py",
    ]


def code_lines(path):
    return 0 if "migrations" in path.parts else len(path.read_text().splitlines())


def test_no_package_holds_more_than_a_quarter_of_the_code():
    counted = [name for name in PACKAGES if name != "tools"]
    lines = {name: sum(map(code_lines, (ROOT / name).rglob("*.py"))) for name in counted}
    assert {name: count for name, count in lines.items() if count > sum(lines.values()) / 4} == {}


def test_files_stay_readable():
    """Too long is cut by business noun; tests, too."""
    files = [*PRODUCT, *(ROOT / "tests").rglob("*.py")]
    assert {
        path.relative_to(ROOT).as_posix(): lines for path in files if (lines := code_lines(path)) > MOST_LINES
    } == {}


def test_packages_are_those_of_the_repository():
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {name.partition("/")[0] for name in tracked.split() if "/" in name}
    assert folders - {"docs", "tests"} == set(PACKAGES)
