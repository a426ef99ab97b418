"""All addresses. The top: nothing imports it."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("website.urls")),
    path("", include("opendata.urls")),
    path("api/v1/", include("opendata.api.urls")),
]
if settings.DEBUG:  # a demonstration, or somebody at work on the pages
    urlpatterns.append(path("demo/", include("demo.urls")))

handler400 = "opendata.errors.bad_request"
handler403 = "opendata.errors.permission_denied"
handler404 = "opendata.errors.page_not_found"
handler500 = "opendata.errors.server_error"
