"""Files opened by a real LibreOffice and saved again."""

import os
import re
import shutil
import subprocess

from django.conf import settings


def converted(path, target, folder):
    """Open the file and save it into the folder; `target` is what `soffice --convert-to` takes. One profile for all: the
    first start of a new one takes longer than the work."""
    subprocess.run(
        [
            *(
                shutil.which("soffice"),
                "--headless",
                f"-env:UserInstallation=file://{settings.TEST_DIR.resolve()}/libreoffice",
            ),
            *("--convert-to", target, "--outdir", str(folder), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        env=os.environ | {"HOME": str(folder)},
    )


def saved_by_libreoffice(path, folder):
    """The workbook as LibreOffice writes it."""
    converted(path, "xlsx:Calc MS Excel 2007 XML", folder / "saved")
    return (folder / "saved" / path.name).read_bytes()


def sheets_as_csv(path, folder):
    """Every sheet as a file `<workbook>-<sheet>.csv` in the folder."""
    converted(path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", folder)


def type_sizes(pdf, first=1, last=999):
    """The sizes of type, in thirds of a point, that stand on the pages."""
    fonts = subprocess.run(
        ["pdftohtml", "-xml", "-stdout", "-i", "-zoom", "3", "-f", str(first), "-l", str(last), str(pdf)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', fonts)}
