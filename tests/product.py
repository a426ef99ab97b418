"""The product's own settings as other environments make them, read in this process or in one of its own."""

import os
import runpy
import subprocess
import sys
import warnings
from types import SimpleNamespace
from unittest.mock import patch

from tests.repository.packages import ROOT

# Empty values also keep a developer's .env out.
CLEAN = {
    "DEBUG": "",
    "HTTPS": "",
    "SECRET_KEY": "",
    "EMAIL_URL": "",
    "CACHE_URL": "",
    "CONTACT": "",
    "OPERATOR": "",
    "ABOUT_TEXT": "",
    "ACCESSIBILITY_TEXT": "",
    "PRIVACY_TEXT": "",
    "DATABASE_URL": "sqlite:///own.sqlite3",
}


def settings_with(**env):
    """The settings, with these variables and no others."""
    with patch.dict(os.environ, CLEAN | env, clear=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what django-environ says beside our own message
        return SimpleNamespace(**runpy.run_path(str(ROOT / "kodaira_reform" / "settings.py")))


def python(code, tmp_path, **env):
    """Run Python in a process of its own, with the product's settings and only these variables."""
    needed = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "kodaira_reform.settings", "PYTHONUTF8": "1"}
    needed |= CLEAN | {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}"}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=needed | env, capture_output=True, text=True)
