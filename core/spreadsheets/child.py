"""The process that reads one file: started by core/spreadsheets/confined.py, without Django and without its secrets.

Arguments: where modules are looked for, what to do, its limits, the limits of the process; all as JSON. The file is its standard
input. What it says is lines of JSON (core/spreadsheets/sheets.py); the last one is {"end": true} or {"refused": reason}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Generator


def main() -> None:
    path, task, options, limits = map(json.loads, sys.argv[1:])
    sys.path[:] = path
    confine(**limits)
    for line in perform(task, sys.stdin.buffer.read(), options):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def confine(*, memory: int, seconds: int) -> None:
    """Nothing of what follows may outgrow this, whoever started the process and whether it still lives."""
    import resource

    os.nice(5)  # the site's own work comes first
    signal.alarm(seconds)
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a system that knows this limit by name only
            continue


def perform(task: str, data: bytes, options: dict[str, int]) -> Generator[bytes, None, None]:
    """The lines that answer. What cannot be read is said in the last one."""
    from core.spreadsheets import delimited, sheets
    from core.spreadsheets.limits import TOO_LARGE, UnreadableFile, is_ods

    try:
        if task in ("book", "any"):
            if task == "any":
                from core.spreadsheets import loose

                book = loose.opened(data, **options)
            elif is_ods(data):
                from core.spreadsheets import ods

                book = ods.opened(data, max_unpacked=options["max_unpacked"], max_rows=options["max_rows"])
            else:
                from core.spreadsheets import xlsx

                book = xlsx.opened(data, with_looks=False, **options)
            yield sheets.line({"begins_1904": book.begins_1904, "sheets": True})
            for sheet in book.sheets:
                yield from sheets.lines_of(sheet)
        else:
            yield from sheets.lines_of(delimited.read(data, **options))
        yield sheets.line({"end": True})
    except UnreadableFile as error:
        yield sheets.line({"refused": str(error)})
    except MemoryError:
        yield sheets.line({"refused": TOO_LARGE})


if __name__ == "__main__":
    main()
