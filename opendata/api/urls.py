"""Addresses under /api/v1/. The root comes before the package's own, which is a 404."""

from django.urls import path

from opendata.api import document
from opendata.api.operations import api

urlpatterns = [
    path("", document.index, name="api_index"),
    path("docs", document.docs, name="api_docs"),
    path("openapi.json", document.openapi, name="openapi"),
    path("", api.urls),
]
