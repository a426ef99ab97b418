"""What stands in public addresses. Numbers and dates that cannot exist are no addresses: they answer 404 without a query."""

from datetime import date

from django.urls import register_converter
from django.urls.converters import StringConverter


class ItemNumber(StringConverter):
    regex = "[0-9A-Za-z][0-9A-Za-z.-]{0,15}"


class ChartForm(StringConverter):
    """What of a chart: its numbers or its picture."""

    regex = "csv|svg"


class DayConverter:
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


def register() -> None:
    """Register the kinds of parts that addresses are made of, under the names that urls.py uses."""
    register_converter(ItemNumber, "item")
    register_converter(DayConverter, "day")
    register_converter(ChartForm, "drawn")
