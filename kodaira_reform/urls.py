"""All addresses. This is the one module of the project package that knows the apps."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("reviews.urls")),
    path("api/v1/", include("reviews.api.urls")),
]

handler400 = "reviews.views.errors.bad_request"
handler403 = "reviews.views.errors.permission_denied"
handler404 = "reviews.views.errors.page_not_found"
handler500 = "reviews.views.errors.server_error"
