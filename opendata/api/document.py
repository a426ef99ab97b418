"""The OpenAPI document, and the page that shows it: our own, because the usual ones load scripts from other hosts."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from figures.datasets import LICENCE, LICENCE_URL
from opendata.api.limit import limited
from opendata.api.operations import Renderer, api
from opendata.api.problems import KNOWN, MEDIA_TYPE
from opendata.pages import public

_HEADERS = {
    "ETag": {"description": "内容を表す記号。", "schema": {"type": "string"}},
    "Last-Modified": {"description": "この内容になった日時。", "schema": {"type": "string"}},
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "description": "何が起きたか。"},
        "status": {"type": "integer", "description": "HTTP の状態。"},
        "detail": {"type": "string", "description": "どうすればよいか。"},
        "errors": {
            "type": "object",
            "description": "正しくない条件の名前と、その理由。空の名前は、問い合わせ全体。",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


def _problem(status: int) -> dict[str, Any]:
    title, detail = KNOWN[status]
    example: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if status == 400:
        example["errors"] = {"grade": ["この評価はありません。一覧から選び直してください。"]}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    answer: dict[str, Any] = {"description": f"{title}{detail}", "content": content}
    if status == 429:
        answer["headers"] = {"Retry-After": {"description": "待つ秒数。", "schema": {"type": "integer"}}}
    if status == 405:
        answer["headers"] = {"Allow": {"description": "使える方法。", "schema": {"type": "string"}}}
    return answer


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 description of all operations, with what the middleware in front of them may answer."""
    found = deepcopy(dict(api.get_openapi_schema(path_prefix="/api/v1/")))
    found["info"]["license"] = {"name": LICENCE, "url": LICENCE_URL}
    found["servers"] = [{"url": "/", "description": "このサイト"}]
    components = found["components"]
    components["schemas"]["Problem"] = _PROBLEM
    components["responses"] = {f"Problem{status}": _problem(status) for status in (400, 404, 405, 429)}
    components["responses"]["NotModified"] = {
        "description": "変わっていません。手元の内容をそのまま使えます。",
        "headers": _HEADERS,
    }
    for path, methods in found["paths"].items():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                # ninja writes the examples of a schema beside it too, where OpenAPI has a map of example objects.
                if isinstance(parameter.get("examples"), list):
                    parameter["example"] = parameter.pop("examples")[0]
            answers = operation["responses"]
            answers["200"] = answers.pop(200)
            answers["200"] |= {"description": "公表されたデータ。", "headers": _HEADERS}
            answers["304"] = {"$ref": "#/components/responses/NotModified"}
            for status in (400, 404, 405, 429):
                answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
            example = _example(answers["200"]["content"]["application/json"]["schema"], components["schemas"])
            answers["200"]["content"]["application/json"]["example"] = example
            operation["x-example-address"] = _address(path, operation)
    return found


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """An example answer, put together from the examples of its columns."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if examples := schema.get("examples"):
        return examples[0]
    if "properties" in schema:
        return {name: _example(part, schemas) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [_example(schema["items"], schemas)]
    if any(choice.get("type") == "null" for choice in schema.get("anyOf", ())):
        return None
    return {"string": "", "integer": 0, "boolean": False}.get(str(schema.get("type")))


def _address(path: str, operation: dict[str, Any]) -> str:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["schema"]["examples"][0]))
    return path


@limited
@public
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Renderer().render(request, document(), response_status=200), content_type="application/json")


@limited
@public
def index(request: HttpRequest) -> HttpResponse:
    """Where everything is, for programs that only know the address of the API."""
    found = document()
    start = {
        "title": found["info"]["title"],
        "version": found["info"]["version"],
        "docs": request.build_absolute_uri("/api/v1/docs"),
        "openapi": request.build_absolute_uri("/api/v1/openapi.json"),
        "plans": request.build_absolute_uri("/api/v1/plans"),
        "licence": LICENCE,
        "licence_url": LICENCE_URL,
    }
    return HttpResponse(Renderer().render(request, start, response_status=200), content_type="application/json")


@limited
@public
def docs(request: HttpRequest) -> HttpResponse:
    found = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in found["paths"].items():
        operation = methods["get"]
        answer = operation["responses"]["200"]["content"]["application/json"]
        groups.setdefault(operation["tags"][0], []).append(
            operation
            | {
                "path": path,
                "parameters": [each | {"kind": _type(each["schema"])} for each in operation["parameters"]],
                "address": operation["x-example-address"],
                "columns": _columns(answer["schema"], found["components"]["schemas"]),
                "shown": json.dumps(answer["example"], ensure_ascii=False, indent=2),
            }
        )
    context = {
        "intro": _paragraphs(found["info"]["description"]),
        "site": request.build_absolute_uri("/").rstrip("/"),
        "groups": groups,
        "problems": [
            (status, title, detail) for status, (title, detail) in KNOWN.items() if status in (400, 404, 405, 429)
        ],
    }
    return render(request, "opendata/api_docs.html", context)


def _paragraphs(text: str) -> list[tuple[str, Any]]:
    """Paragraphs and lists of a plain Markdown text."""
    blocks = [block.splitlines() for block in text.strip().split("\n\n")]
    return [
        ("ul", [line.removeprefix("- ").replace("`", "") for line in lines])
        if lines[0].startswith("- ")
        else ("p", "".join(lines))
        for lines in blocks
    ]


def _columns(schema: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """Name, type and meaning of what one row holds."""
    shape = schemas[schema["$ref"].rpartition("/")[2]]
    if items := shape["properties"].get("items"):
        shape = schemas[items["items"]["$ref"].rpartition("/")[2]]
    return [
        {"name": name, "type": _type(part), "description": part.get("description", "")}
        for name, part in shape["properties"].items()
    ]


_JAPANESE = {"string": "文字列", "integer": "整数", "number": "数", "boolean": "真偽", "array": "配列"}


def _type(part: dict[str, Any]) -> str:
    choices = part.get("anyOf", [part])
    names = ["日付" if c.get("format") == "date" else _JAPANESE.get(c.get("type", ""), "") for c in choices]
    number = _JAPANESE["number"]
    names = [number] if number in names else [name for name in names if name]
    return "、".join(names) + ("（null あり）" if any(c.get("type") == "null" for c in choices) else "")
