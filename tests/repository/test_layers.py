"""Imports, `{% load %}`, `{% include %}` and `{% extends %}` run one way, and nothing above the line is used below it.

The order is the one of docs/architecture.md: a package may use those before it. The line lies between the business, which
knows no page, and presentation, which holds no rule.
"""

import ast
import re
import subprocess
from functools import cache

import pytest
from django.apps import apps

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
# A package by its name alone, as these take it.
_NAMED = re.compile(rf"""\b(?:import_module|import_string|get_model|get_app_config)\(\s*["']({"|".join(PACKAGES)})\b""")
APPS = [name for name in PACKAGES if name != "kodaira_reform"]
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


def asked(text):
    """Names by which Python code asks for relations: attributes, parts of lookups, and texts that a call is given."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call):
            lookups = [keyword.arg for keyword in node.keywords if keyword.arg]
            given = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            for lookup in (*lookups, *given):
                yield from lookup.split("__")


@cache
def relations_from_above(package):
    """Names by which models that this one may use are referred to from above it, and nothing else that it may use is."""
    above, own = set(), set()
    for model in apps.get_models():
        for field in model._meta.get_fields():
            referring = field.related_model if field.auto_created and field.is_relation else model
            names = above if ORDER.get(referring._meta.app_label, -1) > ORDER[package] else own
            if names is own or referring is not model:
                names.add(field.name)
    return above - own


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


def named(text):
    """Packages that Python code names in texts by which something is imported."""
    return {name.partition(".")[0] for expression in (_DOTTED, _NAMED) for name in expression.findall(text)}


def wrong_in_settings(engines, installed):
    """Which settings would let a template use a tag that it does not load, or stand in another order than the packages."""
    options = [engine.get("OPTIONS", {}) for engine in engines]
    packages = [name for name in installed if name in ORDER]
    wrong = {
        "TEMPLATES": len(engines) != 1,
        "builtins": any(each.get("builtins") != BUILT_IN_TAGS for each in options),
        "libraries": any(each.get("libraries") for each in options),
        "INSTALLED_APPS": packages != APPS,
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


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


def test_no_package_asks_for_a_relation_that_one_above_declares():
    """What an item, a plan or a round is referred to by stands on it for everybody; a signal asks for it without knowing."""
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in PRODUCT
        if "migrations" not in path.parts
        if (found := set(asked(path.read_text())) & relations_from_above(package_of(path)))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("package", "code", "found"),
    [
        ("programs", "item.published_reports.exists()", {"published_reports"}),
        ("programs", "Program.objects.filter(published_reports__as_of=1)", {"published_reports"}),
        ("policies", 'plans.prefetch_related("programs__editions")', {"programs"}),
        ("reviews", "item.published_reports.exists()", set()),
        ("policies", 'kinds = ("programs", "計画")', set()),
    ],
)
def test_the_check_sees_such_a_relation(package, code, found):
    assert set(asked(code)) & relations_from_above(package) == found


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
        if (found := above(package_of(path), named(path.read_text())))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("package", "code", "found"),
    [
        ("programs", "receiver = 'reviews.endings.refuse'", ["reviews"]),
        ("reviews", 'import_module("website")', ["website"]),
        ("reviews", 'apps.get_model(\n    "website", "Page")', ["website"]),
        ("reviews", 'apps.get_app_config("staff")', ["staff"]),
        ("reviews", 'apps.get_model("programs", "Program"), "website"', []),
        ("staff", 'import_module("website")', []),
    ],
)
def test_the_check_sees_a_name_that_leads_upwards(package, code, found):
    assert above(package, named(code)) == found


def test_settings_build_in_no_tag_from_above_the_line(settings):
    assert wrong_in_settings(settings.TEMPLATES, settings.INSTALLED_APPS) == []


@pytest.mark.parametrize(
    ("options", "installed", "found"),
    [
        ({"builtins": BUILT_IN_TAGS}, APPS, []),
        ({"builtins": BUILT_IN_TAGS}, ["django.contrib.auth", *APPS], []),
        ({"builtins": [*BUILT_IN_TAGS, "opendata.templatetags.plan"]}, APPS, ["builtins"]),
        ({}, APPS, ["builtins"]),
        (
            {"builtins": BUILT_IN_TAGS, "libraries": {"plan": "opendata.templatetags.plan"}},
            APPS,
            ["libraries"],
        ),
        ({"builtins": BUILT_IN_TAGS}, APPS[::-1], ["INSTALLED_APPS"]),
    ],
)
def test_the_check_sees_wrong_settings(options, installed, found):
    assert wrong_in_settings([{"BACKEND": "django", "OPTIONS": options}], installed) == found


def test_there_is_one_engine_of_templates():
    assert wrong_in_settings([{"OPTIONS": {"builtins": BUILT_IN_TAGS}}] * 2, APPS) == ["TEMPLATES"]


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
    """Too long is cut by business noun; tests, stylesheets, scripts and templates, too."""
    static = [path for path in (ROOT / "static").rglob("*") if path.suffix in (".css", ".js")]
    files = [*PRODUCT, *(ROOT / "tests").rglob("*.py"), *static, *TEMPLATES]
    assert {
        path.relative_to(ROOT).as_posix(): lines for path in files if (lines := code_lines(path)) > MOST_LINES
    } == {}


def test_packages_are_those_of_the_repository():
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {name.partition("/")[0] for name in tracked.split() if "/" in name}
    assert folders - {"docs", "tests"} == set(PACKAGES)
