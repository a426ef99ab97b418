"""The files that are kept for good with rounds: packed beside a copy of the database, checked, and brought back.

A tar that anybody can open, with a member SHA256SUMS as `sha256sum --check` reads it. What the office asked for of a plan goes
after a week and is not among them.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from pathlib import Path
from typing import cast

from django.core.files import File

from workbooks.models import Export, exports_storage

_SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (\w[\w.-]*)")


class DamagedFiles(Exception):
    """The message is Japanese."""


def beside(copy: Path) -> Path:
    """Where the files of a copy of the database are."""
    return copy.with_name(f"{copy.stem}.files.tar")


def names() -> list[str]:
    """Of all files that the database names, by the storage of exports."""
    kept = Export.objects.filter(round__isnull=False, state=Export.State.DONE)
    return sorted(kept.values_list("file", flat=True))


def missing() -> list[str]:
    return [name for name in names() if not exports_storage().exists(name)]


def pack(path: Path, wanted: list[str]) -> None:
    """Files that are no longer there are left out: a redaction may take them away at this moment."""
    sums = []
    with tarfile.open(path, "w") as tar:
        for name in wanted:
            try:
                file = exports_storage().open(name)
            except FileNotFoundError:
                continue
            with file:
                sums.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
                member = _member(name, file.tell())
                file.seek(0)
                tar.addfile(member, file)
        said = "".join(sums).encode()
        tar.addfile(_member(_SUMS, len(said)), io.BytesIO(said))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def check(path: Path) -> dict[str, str]:
    """The sums of the files in it by their names, after all of it was read. Raises DamagedFiles."""
    try:
        with tarfile.open(path, "r:") as tar:
            found = {member.name: _digest(tar, member.name) for member in tar}
            said = _read(tar, _SUMS).read().decode().splitlines()
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise DamagedFiles(f"{path} は壊れています（{error}）。") from error
    lines = [_LINE.fullmatch(line) for line in said]
    noted = {line[2]: line[1] for line in lines if line}
    found.pop(_SUMS)
    if len(noted) != len(lines) or noted != found:
        raise DamagedFiles(f"{path} は壊れています（作ったときと中身が違います）。")
    return noted


def _read(tar: tarfile.TarFile, name: str) -> io.BufferedReader:
    file = tar.extractfile(name)
    if file is None:
        raise ValueError(name)
    return cast(io.BufferedReader, file)


def _digest(tar: tarfile.TarFile, name: str) -> str:
    return hashlib.file_digest(_read(tar, name), "sha256").hexdigest()


def place(path: Path) -> list[str]:
    """Put into the storage what is not there as it was; the names of that. Files are never written into: a row that comes back
    finds its file whole, whatever happens meanwhile. Raises DamagedFiles."""
    storage = exports_storage()
    wanted, placed = check(path), []
    try:
        with tarfile.open(path, "r:") as tar:
            for name, digest in wanted.items():
                if storage.exists(name):
                    with storage.open(name) as there:
                        if hashlib.file_digest(there, "sha256").hexdigest() == digest:
                            continue
                    storage.delete(name)
                placed.append(name)
                storage.save(name, File(_read(tar, name)))
    except BaseException:
        remove(placed)
        raise
    return placed


def remove(placed: list[str]) -> None:
    for name in placed:
        exports_storage().delete(name)
