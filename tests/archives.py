"""Zip files, which workbooks are, as somebody leaves them who breaks them."""

import io
import zipfile


def repacked(data, change):
    """The same zip file after `change(name, content)`; None leaves a part out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def encrypted_zip(data):
    """The flag that says a part is encrypted, set in the zip's directory."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 8] + b"\x01" + data[at + 9 :]


def with_parts(data, changes):
    """The same zip file with some of its parts changed: {name: function of the content}."""
    left = dict(changes)
    changed = repacked(data, lambda name, content: left.pop(name)(content) if name in left else content)
    assert not left, f"no such part: {set(left)}"
    return changed


def zipped(parts):
    """An archive of parts: {name: content}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()
