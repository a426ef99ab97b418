"""The packages of the product, in the order of docs/architecture.md: a package may use those before it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUSINESS = ("core", "accounts", "policies", "programs", "reviews", "committee", "figures", "workbooks")
PRESENTATION = ("opendata", "website", "staff")
PACKAGES = (*BUSINESS, *PRESENTATION, "demo", "tools", "kodaira_reform")
PRODUCT = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def package_of(path):
    return path.relative_to(ROOT).parts[0]
