"""The packages of the product, in the order of docs/architecture.md: a package may use those before it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUSINESS = ("core", "accounts", "policies", "programs", "reviews", "committee", "figures", "workbooks")
PRESENTATION = ("opendata", "website", "staff")
PACKAGES = (*BUSINESS, *PRESENTATION, "demo", "tools", "kodaira_reform")
