"""Files that wait between the preview of an import and its confirmation."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.utils import timezone
from import_export.forms import ExportForm, ImportForm
from import_export.tmp_storages import MediaStorage

from core.spreadsheets.limits import MAX_BYTES
from staff.lists.formats import FORMATS, READ

KEPT = datetime.timedelta(days=1)


class WaitingUploads(MediaStorage):
    """The private folder of uploads. What nobody confirmed within a day is deleted when the next file comes."""

    def save(self, data: bytes) -> None:
        self.forget(older_than=KEPT)
        super().save(data)

    def forget(self, *, older_than: datetime.timedelta) -> None:
        """Delete the files of everybody that have waited so long."""
        try:
            _folders, names = self._storage.listdir(self.MEDIA_FOLDER)
        except FileNotFoundError:
            return
        for name in names:
            path = str(Path(self.MEDIA_FOLDER) / name)
            try:
                if timezone.now() - self._storage.get_modified_time(path) >= older_than:
                    self._storage.delete(path)
            except FileNotFoundError:  # confirmed at this moment by its owner
                continue


class UploadForm(ImportForm):
    """A file; its ending says the format."""

    media = forms.Media()  # without the script that guesses the format

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["import_file"].label = "取り込むファイル"
        self.fields[
            "import_file"
        ].help_text = "Excel（xlsx）、LibreOffice（ods）か CSV。書き出したファイルと同じ見出しにしてください。"
        self.fields["import_file"].widget.attrs = {"accept": ",".join(f".{ending}" for ending in READ)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("import_file")
        if upload is not None:
            ending = Path(upload.name).suffix.lower().lstrip(".")
            if ending not in READ:
                self.add_error(
                    "import_file", "xlsx、ods か csv のファイルを選んでください。古い xls は xlsx で保存し直します。"
                )
            elif upload.size > MAX_BYTES:
                self.add_error("import_file", f"ファイルは{MAX_BYTES // 1024 // 1024}MBまでです。分けてください。")
            else:
                cleaned["format"] = READ[ending]
        return cleaned


class DownloadForm(ExportForm):
    """The format of an export; all columns are written."""

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        choices = [(str(index), kind.title) for index, kind in enumerate(FORMATS)]
        self.fields["format"] = forms.ChoiceField(label="形式", choices=choices, initial="0", widget=forms.RadioSelect)
