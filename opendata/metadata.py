"""What machines are told about the open tables: Frictionless, CSVW, schema.org and DCAT, all from the same columns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core import __version__
from core.fiscal import date_label
from core.text import FICTIONAL, MAKER
from figures.datasets import LICENCE, LICENCE_URL, published_rounds
from opendata.tables.catalogue import PROGRAMS, TABLES
from opendata.tables.long import LONG
from opendata.tables.table import Field, Table
from policies.models import Plan
from policies.words import in_words_of, word
from reviews.models import Round

SOFTWARE = f"kodaira-reform {__version__}"
_CSVW = {
    "string": "string",
    "integer": "integer",
    "number": "decimal",
    "boolean": "boolean",
    "date": "date",
    "any": "string",
}


@dataclass(frozen=True)
class About:
    """What is said about a plan's data: as of when, made when, and where it lives."""

    plan: Plan
    as_of: date | None
    site: str  # https://plan.city.example
    made_at: datetime
    has_api: bool = True  # a copy of the site as files has none

    @property
    def title(self) -> str:
        title = f"{self.plan.title} 進捗データ（{MAKER}が作成）"
        return f"【{FICTIONAL}】{title}" if self.plan.is_fictional else title

    @property
    def description(self) -> str:
        when = f"{date_label(self.as_of)}現在。" if self.as_of else "項目ごとの評価は未登録です。"
        fictional = "見本のための架空のデータです。実在の市のものではありません。" if self.plan.is_fictional else ""
        return f"{fictional}{self.plan.city}の「{self.plan.name}」の{word(self.plan, 'program')}と進捗。{when}登録された内容から{MAKER}が作成しました。"

    @property
    def citation(self) -> str:
        as_of = f"（{date_label(self.as_of)}現在）" if self.as_of else ""
        return f"{self.title}{as_of}、{self.page}、{date_label(self.made_at.date())}に利用。"

    @property
    def publisher(self) -> str:
        return settings.OPERATOR or MAKER

    @property
    def contact(self) -> str:
        """The address of whoever runs the site, as mailto: or https:, "" where none is set."""
        return f"mailto:{settings.CONTACT}" if "@" in settings.CONTACT else settings.CONTACT

    @property
    def page(self) -> str:
        return self.address("data")

    def address(self, name: str, *arguments: Any) -> str:
        return self.site + reverse(name, args=[self.plan.slug, *arguments])


def about_now(plan: Plan, site: str, rounds: list[Round] | None = None) -> About:
    """As of now. One query, none with the published `rounds`."""
    rounds = published_rounds(plan) if rounds is None else rounds
    return About(plan, rounds[0].as_of if rounds else None, site, timezone.localtime())


def file_address(plan: Plan, table: Table) -> str:
    """Where a table is as a CSV file."""
    if table is PROGRAMS:
        return reverse("programs_csv", args=[plan.slug])
    if table is LONG:
        return reverse("long_csv", args=[plan.slug])
    return reverse("table_csv", args=[plan.slug, table.name])


def api_address(plan: Plan, table: Table) -> str:
    return f"/api/v1/plans/{plan.slug}/{table.name.replace('_', '-')}"


# Columns that name a row of another table, under the names that they have there: columns → table.
_NAMED = {
    ("policy_number",): "policies",
    ("edition",): "editions",
    ("as_of",): "rounds",
    ("source",): "sources",
    ("department_code",): "departments",
    ("meeting_on",): "meetings",
    ("program_number", "indicator"): "indicators",
    ("plan_indicator",): "plan_indicators",
    ("axis", "grade"): "grades",
}
# Columns that name one more row of such a table: the part that it plays stands before the name.
_FURTHER = {
    "from_edition": ("editions", "edition"),
    "previous_as_of": ("rounds", "as_of"),
    "lead_department_code": ("departments", "department_code"),
    "successor_department_code": ("departments", "department_code"),
    "superseded_figure": ("figures", "figure"),
}
_REFERENCES: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {
    **{columns: (table, columns) for columns, table in _NAMED.items()},
    **{(column,): (table, (name,)) for column, (table, name) in _FURTHER.items()},
}
# Columns that may say what the other table does not hold: numbers and codes as they were then, the source that is this
# site itself, days and indicators that the city printed a figure of. A grade that
# stands without its axis is none: the key of grades has both.
_NO_REFERENCE = {
    ("reports", "policy_number"),
    ("reports", "edition"),
    ("reports", "lead_department_code"),
    ("report_departments", "department_code"),
    ("long", "source"),
    ("long", "as_of"),
    ("grade_counts", "as_of"),
    ("figures", "as_of"),
    ("figures", "plan_indicator"),
}


def references(table: Table, names: Collection[str]) -> list[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """Which columns of a table name a row of another table that is in the package too: (columns, table, its columns)."""
    own = {column.name for column in table.columns}
    return [
        (columns, other, keys)
        for columns, (other, keys) in _REFERENCES.items()
        if own.issuperset(columns)
        and other in names
        and (other, keys) != (table.name, columns)
        and not any((table.name, column) in _NO_REFERENCE for column in columns)
    ]


@dataclass(frozen=True)
class DescribedFile:
    """One table as it was written."""

    table: Table
    rows: int
    size: int
    sha256: str


def _frictionless(column: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "title": column.label,
        "description": column.meaning,
    }
    if column.type == "date":
        described["format"] = "%Y-%m-%d"
    if column.type == "boolean":
        described |= {"trueValues": ["true"], "falseValues": ["false"]}
    if column.unit:
        described["unit"] = column.unit
    if column.codes:
        described["codes"] = [{"code": code, "label": label} for code, label in column.codes]
    return described


def datapackage(about: About, files: list[DescribedFile]) -> dict[str, Any]:
    """datapackage.json (Frictionless Data Package 1.0)."""
    names = {file.table.name for file in files}
    return {
        "profile": "tabular-data-package",
        "name": f"{about.plan.slug}-progress",
        "title": about.title,
        "description": about.description,
        "homepage": about.page,
        "created": about.made_at.isoformat(timespec="seconds"),
        "modified": about.made_at.isoformat(timespec="seconds"),  # the others say it under this name too
        "version": about.as_of.isoformat() if about.as_of else "0",
        "licenses": [{"name": "PDL-1.0", "title": LICENCE, "path": LICENCE_URL}],
        "contributors": [
            {"title": MAKER, "role": "author"},
            {"title": about.publisher, "role": "publisher"} | ({"path": about.contact} if about.contact else {}),
        ],
        "spatial": {"name": about.plan.city, "identifier": about.plan.city_code or None},
        "fictional": about.plan.is_fictional,
        "software": SOFTWARE,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": file.table.name,
                "path": f"{file.table.name}.csv",
                "title": file.table.title,
                "description": file.table.meaning,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": file.size,
                "hash": f"sha256:{file.sha256}",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
                "schema": {
                    "fields": [_frictionless(column) for column in file.table.columns],
                    "missingValues": [""],
                    "foreignKeys": [
                        {
                            "fields": list(columns),
                            # Frictionless names a table by nothing in its own references.
                            "reference": {"resource": other if other != file.table.name else "", "fields": list(keys)},
                        }
                        for columns, other, keys in references(file.table, names)
                    ],
                }
                | ({"primaryKey": ["plan", *file.table.key]} if file.table.key else {}),
            }
            for file in files
        ],
    }


def csvw(about: About, files: list[DescribedFile]) -> dict[str, Any]:
    """csv-metadata.json (W3C CSV on the Web)."""
    names = {file.table.name for file in files}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "ja"}],
        "dc:title": about.title,
        "dc:description": about.description,
        "dc:license": {"@id": LICENCE_URL},
        "dc:creator": MAKER,
        "dc:publisher": about.publisher,
        "dc:modified": {"@value": about.made_at.isoformat(timespec="seconds"), "@type": "xsd:dateTime"},
        "tables": [
            {
                "url": f"{file.table.name}.csv",
                "dc:title": file.table.title,
                "dc:description": file.table.meaning,
                "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n"]},
                "tableSchema": {
                    "columns": [
                        {
                            "name": column.name,
                            "titles": [column.name],
                            "dc:title": column.label,
                            "dc:description": column.meaning + (f"単位: {column.unit}。" if column.unit else ""),
                            "datatype": _CSVW[column.type],
                            "null": "",
                        }
                        for column in file.table.columns
                    ],
                    "foreignKeys": [
                        {
                            "columnReference": list(columns),
                            "reference": {"resource": f"{other}.csv", "columnReference": list(keys)},
                        }
                        for columns, other, keys in references(file.table, names)
                    ],
                }
                | ({"primaryKey": ["plan", *file.table.key]} if file.table.key else {}),
            }
            for file in files
        ],
    }


def schema_org(about: About) -> dict[str, Any]:
    """The data set for search engines (schema.org/Dataset)."""
    plan = about.plan
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "url": about.page,
        "identifier": plan.slug,
        "inLanguage": "ja",
        "isAccessibleForFree": True,
        "license": LICENCE_URL,
        "creator": {"@type": "Organization", "name": MAKER},
        "publisher": {"@type": "Organization", "name": about.publisher}
        | ({"contactPoint": {"@type": "ContactPoint", "url": about.contact}} if about.contact else {}),
        "dateModified": about.made_at.isoformat(timespec="seconds"),
        "spatialCoverage": {"@type": "AdministrativeArea", "name": plan.city}
        | (
            {
                "identifier": {
                    "@type": "PropertyValue",
                    "propertyID": "全国地方公共団体コード",
                    "value": plan.city_code,
                }
            }
            if plan.city_code
            else {}
        ),
        "temporalCoverage": f"{plan.first_fiscal_year}-04-01/{plan.last_fiscal_year + 1}-03-31",
        "keywords": ["行財政改革", "進捗管理", *([FICTIONAL] if plan.is_fictional else [])],
        "variableMeasured": [in_words_of(plan, label) for _, label in LONG_MEASURES],
        "distribution": [
            {"@type": "DataDownload", "name": name, "encodingFormat": media, "contentUrl": address}
            for name, media, address in distributions(about)
        ],
    }


def dcat(about: About) -> dict[str, Any]:
    """The catalogue for open data portals (DCAT 3, as JSON-LD)."""
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "skos": "http://www.w3.org/2004/02/skos/core#",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "dcat:Catalog",
        "@id": f"{about.page}#catalog",
        "dct:title": {"@value": about.title, "@language": "ja"},
        "dct:language": "ja",
        "dcat:dataset": [
            {
                "@type": "dcat:Dataset",
                "@id": f"{about.page}#dataset",
                "dct:title": {"@value": about.title, "@language": "ja"},
                "dct:description": {"@value": about.description, "@language": "ja"},
                "dct:identifier": about.plan.slug,
                "dct:creator": {"@type": "foaf:Agent", "foaf:name": MAKER},
                "dct:publisher": {"@type": "foaf:Agent", "foaf:name": about.publisher},
                **(
                    {"dcat:contactPoint": {"@type": "vcard:Kind", "vcard:hasURL": {"@id": about.contact}}}
                    if about.contact
                    else {}
                ),
                "dct:modified": {"@value": about.made_at.isoformat(timespec="seconds"), "@type": "xsd:dateTime"},
                "dct:spatial": {"@type": "dct:Location", "skos:prefLabel": about.plan.city}
                | ({"dct:identifier": about.plan.city_code} if about.plan.city_code else {}),
                "dcat:landingPage": {"@id": about.page},
                "dct:license": {"@id": LICENCE_URL},
                "dct:temporal": {
                    "@type": "dct:PeriodOfTime",
                    "dcat:startDate": {"@value": f"{about.plan.first_fiscal_year}-04-01", "@type": "xsd:date"},
                    "dcat:endDate": {"@value": f"{about.plan.last_fiscal_year + 1}-03-31", "@type": "xsd:date"},
                },
                "dcat:distribution": [
                    {
                        "@type": "dcat:Distribution",
                        "dct:title": {"@value": name, "@language": "ja"},
                        "dcat:downloadURL": {"@id": address},
                        "dcat:mediaType": media,
                        "dct:license": {"@id": LICENCE_URL},
                    }
                    for name, media, address in distributions(about)
                ],
            }
        ],
    }


LONG_MEASURES = next(column.codes for column in LONG.columns if column.name == "measure")


def distributions(about: About) -> list[tuple[str, str, str]]:
    """Every form in which the data can be had: (name, media type, address)."""
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    found = [
        ("すべての表（zip）", "application/zip", about.address("data_zip")),
        (in_words_of(about.plan, "実施項目（Excel）"), excel, about.address("programs_xlsx")),
        (in_words_of(about.plan, "実施項目（JSON）"), "application/json", about.address("programs_json")),
    ]
    found += [
        (f"{in_words_of(about.plan, table.title)}（CSV）", "text/csv", about.site + file_address(about.plan, table))
        for table in TABLES
    ]
    if about.has_api:
        found.append(("API（OpenAPI 3.1）", "application/json", about.site + reverse("openapi")))
    return found
