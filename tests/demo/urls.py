"""The addresses of a demonstration, which tests are not."""

from django.urls import include, path

from kodaira_reform.urls import handler400, handler403, handler404, handler500
from kodaira_reform.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [*product, path("demo/", include("demo.urls"))]
