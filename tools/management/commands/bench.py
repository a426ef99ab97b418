"""Measure, on a database of its own: the data of this installation is neither read nor changed."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from tools.bench import BROKEN, PARTS


class Command(BaseCommand):
    help = "速さとメモリーを計ります。計測用のデータベースを作り、終わると消します。約束に届かないと終了コード 1 で終わります。"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("parts", nargs="*", metavar="part", help=f"計るもの（{'、'.join(PARTS)}。省略時はすべて）")
        parser.add_argument("--size", type=int, help="大きさ（省略時は、それぞれの既定）")

    def handle(self, *args: Any, parts: list[str], size: int | None, **options: Any) -> None:
        unknown = [name for name in parts if name not in PARTS]
        if unknown:
            self.stderr.write(f"計れるのは {'、'.join(PARTS)} です。「{'、'.join(unknown)}」はありません。")
            sys.exit(2)
        missed = False
        for name in parts or PARTS:
            part = PARTS[name]
            self.stdout.write(f"{name}: {part.what} {size or part.size:,}")
            with tempfile.TemporaryDirectory() as folder:
                missed |= self._measure(part.run(size or part.size), Path(folder))
        if missed:
            sys.exit(1)

    def _measure(self, lines: Any, folder: Path) -> bool:
        sqlite = connection.vendor == "sqlite"
        connection.settings_dict["TEST"]["NAME"] = str(folder / "db.sqlite3") if sqlite else f"bench_{os.getpid()}"
        own = str(connection.settings_dict["NAME"])
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        missed = False
        try:
            for line in lines:
                missed |= line.startswith(BROKEN)
                self.stdout.write(f"  {line}")
        finally:
            connection.creation.destroy_test_db(own, verbosity=0)
        return missed
