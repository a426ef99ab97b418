"""Errors of the API: always JSON (RFC 9457, application/problem+json), in Japanese, saying what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/v1/docs"

# status: title, what to do.
KNOWN = {
    400: ("条件が正しくありません。", "errors にある条件を直して、もう一度要求してください。"),
    404: ("見つかりません。", f"アドレスを確かめてください。アドレスの一覧は {DOCS} にあります。"),
    405: ("この方法では使えません。", "読み取り専用です。GET か HEAD で要求してください。"),
    429: ("要求が多すぎます。", "Retry-After の秒数だけ待ってから、もう一度要求してください。"),
    500: ("サーバーで問題が起きました。", "時間をおいて、もう一度要求してください。"),
    503: ("いまは使えません。", "時間をおいて、もう一度要求してください。"),
}


class ProblemError(Exception):
    """Why a request has no answer; becomes the answer."""

    def __init__(self, status: int, detail: str = "", errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(detail or KNOWN[status][0])
        self.status, self.detail, self.errors = status, detail, errors


def problem(status: int, detail: str = "", errors: Mapping[str, list[str]] | None = None) -> HttpResponse:
    title, to_do = KNOWN.get(status) or KNOWN[500 if status >= 500 else 400]
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail or to_do}
    if errors is not None:
        body["errors"] = errors
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
