"""Public addresses. Numbers and dates that cannot exist are no addresses: they answer 404 without a query."""

from datetime import date

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from reviews.views import committee, data, effects, overview, program, programs, progress, revisions, site


class ItemNumber(StringConverter):
    regex = "[0-9A-Za-z][0-9A-Za-z.-]{0,15}"


class Day:
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(ItemNumber, "item")
register_converter(Day, "day")

urlpatterns = [
    path("", overview.home, name="home"),
    path("healthz", overview.healthz, name="healthz"),
    path("robots.txt", site.robots, name="robots"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path("feed.xml", site.feed_of_all, name="feed_of_all"),
    path("glossary/", site.glossary, name="glossary"),
    path("plans/", overview.plans, name="plans"),
    path("plans/<slug:slug>/", overview.plan, name="plan"),
    path("plans/<slug:slug>/feed.xml", site.feed, name="feed"),
    path("plans/<slug:slug>/committee/", committee.committee, name="committee"),
    path("plans/<slug:slug>/committee/<day:held_on>/", committee.meeting, name="meeting"),
    path("plans/<slug:slug>/committee/<day:held_on>/packet.pdf", committee.packet_pdf, name="packet_pdf"),
    path("plans/<slug:slug>/policies/<int:number>/", programs.policy, name="policy"),
    path("plans/<slug:slug>/errata.csv", programs.errata_csv, name="errata_csv"),
    path("plans/<slug:slug>/programs/", programs.programs, name="programs"),
    path("plans/<slug:slug>/programs.csv", programs.programs_csv, name="programs_csv"),
    path("plans/<slug:slug>/programs.json", programs.programs_json, name="programs_json"),
    path("plans/<slug:slug>/programs.xlsx", programs.programs_xlsx, name="programs_xlsx"),
    path("plans/<slug:slug>/programs/<item:number>/", program.program, name="program"),
    path("plans/<slug:slug>/progress/", progress.progress, name="progress"),
    path("plans/<slug:slug>/progress/<day:as_of>/", progress.round_page, name="round"),
    path("plans/<slug:slug>/revisions/", revisions.revisions, name="revisions"),
    path("plans/<slug:slug>/revisions/<slug:key>/", revisions.revision, name="revision"),
    path("plans/<slug:slug>/effects/", effects.effects, name="effects"),
    path("plans/<slug:slug>/figures/", progress.figures, name="figures"),
    path("plans/<slug:slug>/data/", data.page, name="data"),
    path("plans/<slug:slug>/data/dataset.jsonld", data.dataset_jsonld, name="dataset_jsonld"),
    path("plans/<slug:slug>/data/catalog.jsonld", data.catalog_jsonld, name="catalog_jsonld"),
    path("plans/<slug:slug>/data/rounds/<day:as_of>/programs.csv", data.round_csv, name="round_csv"),
    path("plans/<slug:slug>/data/rounds/<day:as_of>/SHA256SUMS", data.round_checksums, name="round_checksums"),
    path("plans/<slug:slug>/data/<slug:name>.csv", data.table_csv, name="table_csv"),
    path("plans/<slug:slug>/data.zip", data.data_zip, name="data_zip"),
    path("plans/<slug:slug>/long.csv", data.long_csv, name="long_csv"),
]
