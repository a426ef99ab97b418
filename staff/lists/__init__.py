"""Lists in and out of the admin: file formats, what a cell may hold, and how a row finds its record.

Knows no model: a record is named by its natural key, a column by the Japanese name of its field, so a file that was
written here can be read back and changes nothing.
"""

from core.cells import TextCell, cell_for, plain
from core.spreadsheets.limits import UnreadableFile
from staff.lists.formats import FORMATS
from staff.lists.rows import ListResource, NotImported, Several, plain_columns, resource_of

__all__ = [
    "FORMATS",
    "ListResource",
    "NotImported",
    "Several",
    "TextCell",
    "UnreadableFile",
    "cell_for",
    "plain",
    "plain_columns",
    "resource_of",
]
