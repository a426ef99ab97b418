"""The site with a row of every model."""

from tests.repository.every_model import site  # noqa: F401 - a fixture
