"""The WSGI application that gunicorn serves."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from core import faults

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kodaira_reform.settings")

if not (settings.SECRET_KEY_IS_CONFIGURED or settings.DEBUG):
    raise ImproperlyConfigured(
        "SECRET_KEY が設定されていません。docs/operations.md の手順で 50 文字以上の値を決め、環境変数か .env に書いてください。"
    )

application = get_wsgi_application()
faults.watch()
