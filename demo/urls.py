"""Addresses of the demonstration alone; a server for citizens does not have them (kodaira_reform/urls.py)."""

from django.urls import path

from demo import components

urlpatterns = [path("components/", components.page, name="components")]
