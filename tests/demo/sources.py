"""What analysts take of a plan, as tables of pandas (the zip with the CSV files, the API, Excel), and what they compute."""

import io
import json
import re
import zipfile

import pandas

BETTER = {"上がった": "better", "下がった": "worse", "変わらない": "same"}
TEXT = {"dtype": str, "keep_default_na": False}
BASES = ["actual", "budget", "forecast"]  # of several amounts of one item, year and kind the first counts


class Csv:
    """What an analyst has who takes the zip and the CSV files."""

    def __init__(self, client, plan):
        self._get, self.address = client.get, f"/plans/{plan}"
        with zipfile.ZipFile(io.BytesIO(client.get(f"{self.address}/data.zip").getvalue())) as archive:
            self._tables = {
                name.removesuffix(".csv"): pandas.read_csv(archive.open(name), **TEXT)
                for name in archive.namelist()
                if name.endswith(".csv")
            }

    def table(self, name):
        return self._tables[name]

    def items(self, query=""):
        """program_number, policy_number, grade, change of the items that a query finds."""
        content = self._get(f"{self.address}/programs.csv{query}").getvalue()
        return pandas.read_csv(io.BytesIO(content), **TEXT)


class Api(Csv):
    """What a program has that reads the API page by page."""

    def __init__(self, client, plan):
        self._get, self.address, self._known = client.get, f"/plans/{plan}", {}

    def _read(self, path):
        found, address = [], f"/api/v1{self.address}/{path}"
        while address:
            page = json.loads(self._get(address).content)
            found += page["items"]
            address = page["next"]
        return pandas.DataFrame([{name: _text(value) for name, value in item.items()} for item in found])

    def table(self, name):
        if name not in self._known:
            self._known[name] = self._read(f"{name.replace('_', '-')}?per_page=1000")
        return self._known[name]

    def items(self, query=""):
        items = self._read(f"programs{query}")
        return items if "program_number" in items else items.rename(columns={"number": "program_number"})


class Excel(Csv):
    """What an analyst has who only opens Excel; what stands in no sheet is counted by asking the list."""

    def __init__(self, client, plan):
        self._get, self.address, self._books = client.get, f"/plans/{plan}", {}

    def _sheet(self, query, name):
        if query not in self._books:
            content = self._get(f"{self.address}/programs.xlsx{query}").getvalue()
            self._books[query] = pandas.read_excel(io.BytesIO(content), sheet_name=None, engine="openpyxl")
        return self._books[query][name].map(_text)

    def table(self, name):
        assert name == "long"
        return self._sheet("", "long")

    def items(self, query=""):
        sheet = self._sheet(query, "programs")
        return pandas.DataFrame(
            {
                "program_number": sheet["番号"],
                "policy_number": [text.split()[0] for text in sheet.iloc[:, 4]],
                "grade": sheet["評価"],
                "change": [BETTER.get(text, "") for text in sheet["前回から"]],
                "delay_cause": sheet["遅れの原因"],
            }
        )


def _text(value):
    if isinstance(value, list) or pandas.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.date().isoformat() if isinstance(value, pandas.Timestamp) else str(value)


def number(text):
    """The number at the head of a cell; None where the page says that it is unknown."""
    found = re.match(r"約?(-?[\d,]+(?:\.\d+)?)", text)
    return float(found[1].replace(",", "")) if found else None


def counted(effects):
    """Of several amounts of one item, year and kind the surest; what was planned is none of them."""
    effects = effects[effects["basis"] != "planned"]
    in_order = effects.assign(order=effects["basis"].map(BASES.index)).sort_values("order")
    return in_order.drop_duplicates(["program_number", "fiscal_year", "kind"])


def amount_of(done, plan):
    return round(done["amount"].sum(), 3) if len(done) else None


def compared(done, plan):
    """(result, plan); None where a result, or the plan of a year, is missing."""
    subject = ["program_number", "year", "kind", "account"]
    known = set(done[subject].itertuples(index=False, name=None))
    is_whole = known >= set(plan[subject].itertuples(index=False, name=None))
    is_whole = is_whole and set(done["year"]) == set(plan["year"]) and len(done)
    return (done["amount"].sum(), plan["amount"].sum()) if is_whole else None


def difference(done, plan):
    return round(pair[0] - pair[1], 3) if (pair := compared(done, plan)) else None


def rate(done, plan):
    return round(100 * pair[0] / pair[1], 1) if (pair := compared(done, plan)) else None


# The rows of a plan below those of the results.
AGAINST = {"計画": lambda done, plan: amount_of(plan, plan), "計画との差": difference, "達成率": rate}
