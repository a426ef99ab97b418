"""The folder that a copy of the site is written to. It knows its own files, and touches no others.

Every file is written beside its place and then put there in one step; a list of the files grows before them. So a run that
is killed leaves whole files, all of them known, and the next run goes on from there.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO

LIST = ".export_site"
_HEAD = "export_site が書いたファイルの一覧です。次の書き出しで使うので、消さないでください。"


class FolderRefused(Exception):
    """The folder cannot be written to; the message says why and what to do."""


class Folder:
    """Use in a `with` statement: entering takes the folder, leaving lets it go. Counts what it did.

    Raises FolderRefused for a folder that is somebody else's, and OSError for one that cannot be written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written = self.unchanged = self.removed = 0
        self._known: set[str] = set()
        self._seen: set[str] = set()
        self._list: IO[str]

    def __enter__(self) -> Folder:
        if self.root.exists() and not self.root.is_dir():
            raise FolderRefused(f"{self.root} はファイルです。フォルダーの名前を指定してください。")
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / LIST
        if not path.exists() and any(self.root.iterdir()):
            raise FolderRefused(
                f"{self.root} には、export_site が書いたものではないファイルがあります。空のフォルダーか、前に書き出したフォルダーを指定してください。"
            )
        self._list = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._list, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._list.close()
            raise FolderRefused(
                f"{self.root} には、ほかの export_site が書き出しています。終わるまで待ってください。"
            ) from None
        self._list.seek(0)
        # The last line of a killed run may be cut short; it names no file that exists then.
        self._known = {line for line in self._list.read().splitlines()[1:] if _is_inside(line)}
        if path.stat().st_size == 0:
            self._note(_HEAD)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._list.close()

    def __contains__(self, name: str) -> bool:
        return name in self._seen

    def write(self, name: str, content: bytes) -> None:
        """Put a file in its place; one that already has this content is left alone."""
        target = self.root / name
        if name not in self._known:
            if target.exists() or target.is_symlink():
                raise FolderRefused(
                    f"{target} は、export_site が書いたものではありません。ほかの場所へ移してください。"
                )
            self._note(name)
            self._known.add(name)
        self._seen.add(name)
        if target.is_file() and target.stat().st_size == len(content) and target.read_bytes() == content:
            self.unchanged += 1
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        waiting = _waiting(target)
        waiting.write_bytes(content)
        waiting.replace(target)
        self.written += 1

    def finish(self) -> None:
        """The copy is complete: remove what a run before wrote and this one did not."""
        for name in sorted(self._known):
            _waiting(self.root / name).unlink(missing_ok=True)
            if name in self._seen:
                continue
            target = self.root / name
            if target.is_file():
                target.unlink()
                self.removed += 1
            self._remove_empty(target.parent)
        whole = _waiting(self.root / LIST)
        whole.write_text("".join(f"{line}\n" for line in (_HEAD, *sorted(self._seen))), encoding="utf-8")
        whole.replace(self.root / LIST)

    def _note(self, line: str) -> None:
        self._list.write(f"{line}\n")
        self._list.flush()

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.root and folder.is_dir() and not os.listdir(folder):
            folder.rmdir()
            folder = folder.parent


def _waiting(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts
