"""Addresses of the data page and of the files of open data. The API has its own: opendata/api/urls.py."""

from django.urls import path

from opendata import data

urlpatterns = [
    path("plans/<slug:slug>/data/", data.page, name="data"),
    path("plans/<slug:slug>/data/dataset.jsonld", data.dataset_jsonld, name="dataset_jsonld"),
    path("plans/<slug:slug>/data/catalog.jsonld", data.catalog_jsonld, name="catalog_jsonld"),
    path("plans/<slug:slug>/data/rounds/<day:as_of>/programs.csv", data.round_csv, name="round_csv"),
    path("plans/<slug:slug>/data/rounds/<day:as_of>/SHA256SUMS", data.round_checksums, name="round_checksums"),
    path("plans/<slug:slug>/data/<slug:name>.csv", data.table_csv, name="table_csv"),
    path("plans/<slug:slug>/data.zip", data.data_zip, name="data_zip"),
]
