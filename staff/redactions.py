"""「個人情報を削除する」: a superuser types the words, sees every place, and takes them out. And what was taken out before."""

from __future__ import annotations

import datetime
import json
from typing import Any
from urllib.parse import quote_plus

from django import forms
from django.contrib import admin, messages
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from core import process_cache
from core.fiscal import era_date
from core.redaction import MARK, count_in_text
from opendata import page_cache
from reviews.models import Redaction
from reviews.redaction import FoundWords, find, redact, redacted
from staff.base import RecordAdmin, person, tell_beside_fields
from staff.fields import TextField
from staff.lists.uploads import WaitingUploads


class WordsForm(forms.Form):
    words = TextField(
        label="削除する言葉",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        help_text="載っているとおりに入力します。表記が違うもの（全角と半角、姓と名の間の空白など）は、別に探して削除します。",
        error_messages={"required": "削除する言葉を入力してください。"},
    )


class RedactionForm(WordsForm):
    reason = TextField(
        label="削除の理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="削除する言葉を使わずに書きます。公開されていた記録のときは、市民のページに削除した日とともに表示されます。",
        error_messages={"required": "削除の理由を入力してください。市民のページに表示されます。"},
    )
    where = forms.MultipleChoiceField(
        label="削除する記録",
        required=True,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "削除する記録を選んでください。",
            "invalid_choice": "確かめたあとに記録が変わりました。下の記録をもう一度確かめてください。",
        },
    )

    def __init__(self, places: list[FoundWords], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where: Any = self.fields["where"]
        where.choices = [(place.key, _told(place)) for place in places]
        where.initial = [place.key for place in places]
        self.fields["words"].widget = forms.HiddenInput(attrs={"autocomplete": "off"})


def _told(place: FoundWords) -> str:
    if place.is_damaged:
        return f"{place.label}「{place.record}」：ファイルが壊れているか大きすぎて開けないため、言葉があるかどうか分かりません。選ぶとファイルを消します"
    found = [f"いまの内容に{place.now}か所"] * bool(place.now) + [f"履歴に{place.then}か所"] * bool(place.then)
    return f"{place.label}「{place.record}」 {'、'.join(place.fields)}：{'、'.join(found)}"


@admin.register(Redaction)
class RedactionAdmin(RecordAdmin):
    list_display = ["day", "place", "fields", "count", "reason", "redacted_by", "program", "round", "plan"]
    list_display_links = ["day", "place"]
    list_filter = [("plan", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["plan", "program", "round", "redacted_by"]
    search_fields = ["place", "reason"]
    change_list_template = "staff/redaction/change_list.html"

    @admin.display(description="削除した日", ordering="redacted_at")
    def day(self, redaction: Redaction) -> str:
        return era_date(redaction.redacted_on)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """A row that is never changed has no history."""
        self._check_key(object_id)
        if self.get_object(request, object_id) is None:
            raise Http404
        return redirect("admin:reviews_redaction_change", object_id)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.redact_view)
        return [path("redact/", view, name="reviews_redaction_redact"), *super().get_urls()]

    def redact_view(self, request: HttpRequest) -> HttpResponse:
        """First the words alone; then, with every place in which they stand, the reason. The words are never in an address."""
        if not person(request).is_superuser:
            raise PermissionDenied
        form: forms.Form = WordsForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, form)
        words = form.cleaned_data["words"]
        try:
            places = find(words)
        except ValidationError as refused:
            tell_beside_fields(form, refused)
            return self._page(request, form)
        if not places:
            form.add_error("words", "この言葉は、どの記録にもありません。載っているとおりか確かめてください。")
            return self._page(request, form)
        if "confirm" not in request.POST:
            return self._page(request, RedactionForm(places, initial={"words": words}), places, status=200)
        form = RedactionForm(places, request.POST)
        if form.is_valid():
            typed = form.cleaned_data
            try:
                made = redact(typed["words"], reason=typed["reason"], where=set(typed["where"]), by=person(request))
            except ValidationError as refused:
                tell_beside_fields(form, refused)
            else:
                count = sum(one.count for one in made)
                messages.success(
                    request,
                    f"{len(typed['where'])}件の記録の{count}か所から削除しました。"
                    "続けて、運用の手引き「個人情報の削除」のとおり、サーバーの再起動とバックアップの削除をしてください。",
                )
                return redirect("admin:reviews_redaction_changelist")
        return self._page(request, form, places)

    def _page(
        self, request: HttpRequest, form: forms.Form, places: list[FoundWords] | None = None, status: int | None = None
    ) -> HttpResponse:
        return self.act_page(
            request,
            "staff/redaction/redact.html",
            status=status or (400 if request.method == "POST" else 200),
            title="個人情報を削除する",
            form=form,
            places=places,
            words=request.POST.get("words", "").strip(),
            mark=MARK,
            error="まだ削除していません。赤字のところを直してください。" if form.errors else "",
        )


@receiver(redacted, dispatch_uid="staff_forget_redacted_words")
def _forget(words: str, **_: Any) -> None:
    """What waits outside of the tables: forms of ended sessions, files before their confirmation, kept pages, and what the
    search of this process has read."""
    for session in Session.objects.filter(expire_date__gte=timezone.now()).iterator():
        held = json.dumps(session.get_decoded(), ensure_ascii=False, default=str)
        # A form that came without a session is kept as browsers send it.
        if count_in_text(held, words) or quote_plus(words) in held:
            session.delete()
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    transaction.on_commit(_forget_files)


def _forget_files() -> None:
    WaitingUploads().forget(older_than=datetime.timedelta(0))
    page_cache.STORE.clear()
    process_cache.clear()
