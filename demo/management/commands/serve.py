"""The site and its worker for `make run`, as one process: whatever ends it, nothing of it is left."""

import os
import threading
import traceback
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "サイトと、書き出しを作成するワーカーを、一つのプロセスで動かします（この端末での実演用）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        # The worker has the main thread, because it answers to Ctrl+C and SIGTERM: a file that is being made is finished
        # first, unless told twice. The server stands beside it as a daemon, which ends with the process.
        threading.Thread(target=self._serve, args=[address], daemon=True).start()
        call_command("db_worker", reload=False, startup_delay=False)

    def _serve(self, address: str) -> None:
        """A server that ends takes the worker along; Django's own does so when it cannot have its port."""
        try:
            call_command("runserver", address, use_reloader=False)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
