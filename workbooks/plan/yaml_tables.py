"""Tables of the plan workbook written as YAML: sheet name → list of rows. The official facts ship in this form."""

from collections.abc import Hashable
from pathlib import Path

import yaml

from workbooks.plan.changes import RawTable

_LINE = "__line__"


class Damaged(Exception):
    """The file cannot be read as tables; the message says where and why."""


class _Loader(yaml.SafeLoader):
    """Rows that know the line on which they begin, and refuse a column that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"「{key.value}」が2回あります", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=True) | {_LINE: node.start_mark.line + 1}


def read_yaml(path: Path) -> list[RawTable]:
    """Read a file of tables. Raises Damaged with file, line and reason."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 a SafeLoader
    except OSError as error:
        raise Damaged(f"{path}: ファイルを開けません（{error.strerror}）。") from None
    except UnicodeDecodeError:
        raise Damaged(f"{path}: 文字コードが UTF-8 ではありません。UTF-8 で保存してください。") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{mark.line + 1}行目{mark.column + 1}文字目: " if mark else ""
        raise Damaged(f"{path}: {place}YAML として読めません（{getattr(error, 'problem', None) or error}）。") from None
    except ValueError as error:
        raise Damaged(f"{path}: 値を読めません（{error}）。日付は 2014-10-31 のように書いてください。") from None
    if not isinstance(content, dict):
        raise Damaged(f"{path}: 1行目: シート名ごとの表（シート名: 行の並び）になっていません。")
    content.pop(_LINE)
    return [_table(path, str(sheet), rows) for sheet, rows in content.items()]


def _table(path: Path, sheet: str, rows: object) -> RawTable:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Damaged(f"{path}: シート「{sheet}」: 「- 列: 値」の並びになっていません。")
    columns = dict.fromkeys(str(name) for row in rows for name in row if name != _LINE)
    return RawTable(sheet, tuple(columns), tuple((row[_LINE], {str(k): v for k, v in row.items()}) for row in rows))
