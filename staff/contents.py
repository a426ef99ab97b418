"""計画内容: one page for all that an edition says about an item, and its list in and out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from import_export.fields import Field

from accounts.models import Department
from core.acts import WrongState, changed_meanwhile, saved_first
from policies.models import Edition
from programs.content import TEXTS, Content, fingerprint
from programs.contents import ContentConflict, amend_content, content_of, save_content
from programs.editions import begin
from programs.frozen import frozen_contents, refuse_frozen
from programs.models import Program, ProgramEdition, Responsibility
from staff import unsent
from staff.base import person
from staff.content_conflicts import SentContent, seen_of
from staff.content_errata import CorrectionPage
from staff.content_form import ContentForm, content_before, form_of
from staff.late import LatePage
from staff.lists import ListResource, Several, cell_for
from staff.public_notes import note_of
from staff.record_pages import last_saved

LEADING = Prefetch(
    "responsibilities", Responsibility.objects.select_related("department").order_by("order"), to_attr="leading"
)


def department_names(content: Any) -> str:
    """推進担当課 of a ProgramEdition that was fetched with LEADING."""
    return "、".join(str(responsibility.department) for responsibility in content.leading)


def frozen_among(model_objs: dict[Any, Any]) -> list[str]:
    """What a deletion would take from a frozen edition."""
    count = frozen_contents(ProgramEdition, model_objs.get(ProgramEdition, ())).count()
    return [f"確定した版の計画内容 {count}件"] if count else []


class FrozenFilter(admin.SimpleListFilter):
    title = "版の状態"
    parameter_name = "frozen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "準備中"), ("yes", "確定")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("no", "yes"):
            return queryset.filter(edition__frozen_at__isnull=self.value() == "no")
        return queryset


class EmptyFilter(admin.SimpleListFilter):
    title = "実施内容"
    parameter_name = "written"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "未登録"), ("yes", "登録済み")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "no":
                return queryset.filter(contents="")
            case "yes":
                return queryset.exclude(contents="")
        return queryset


class ProgramEditionResource(ListResource):
    plan = Field("program__plan", "計画", cell_for(Program._meta.get_field("plan")), readonly=True)
    departments = Several(
        "departments",
        "推進担当課",
        Department,
        read=lambda content: [responsibility.department for responsibility in content.leading],
        ordered=True,
    )

    needs_stamps = True
    whole_rows = False

    class Meta:
        model = ProgramEdition
        fields = (
            *("plan", "program", "edition", "contents", "planned_years", "expected_effect", "revision_reason"),
            *("departments", "source"),
        )

    def required_columns(self) -> list[str]:
        return ["計画", *super().required_columns()]

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        queryset = queryset.select_related("program__plan", "edition", "source")
        return queryset.prefetch_related(None).prefetch_related(LEADING)

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        city = str(Department._meta.get_field("city").verbose_name)
        row[city] = self.fields["plan"].clean(row).city  # the departments of a plan are those of its city

    def check_unmarked(self, instance: ProgramEdition, row: Any) -> None:
        refuse_frozen(instance.edition)
        super().check_unmarked(instance, row)

    def save_instance(self, instance: ProgramEdition, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:
        """By the act that the page of a content uses."""
        if is_create:
            begin(instance.edition, by=kwargs["user"], programs=[instance.program])
        chosen = self.fields["departments"].waiting(instance)

        def change(stored: Content) -> Content:
            return replace(
                stored,
                texts={name: getattr(instance, name) for name in TEXTS},
                source=instance.source_id,
                departments=stored.departments if chosen is None else tuple(one.pk for one in chosen),
            )

        content = ProgramEdition.objects.get(program=instance.program_id, edition=instance.edition_id)
        self.act(amend_content, content, change, by=kwargs["user"])
        instance.pk = content.pk


@admin.register(ProgramEdition)
class ProgramEditionAdmin(CorrectionPage, LatePage):
    resource_classes = [ProgramEditionResource]
    has_own_page = True
    list_display = ["program", "edition", "leads", "is_written", "state", "plan"]
    list_filter = [
        ("program__plan", admin.RelatedOnlyFieldListFilter),
        ("edition", admin.RelatedOnlyFieldListFilter),
        FrozenFilter,
        EmptyFilter,
        ("departments", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["program__plan", "edition"]
    ordering = ["program__plan", "program__sort_key", "edition"]
    search_fields = ["program__number", "program__name"]

    # List

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The pages of the edition and of the item begin contents, so that no item is to be looked for among thousands."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgramEdition]:
        return super().get_queryset(request).prefetch_related(LEADING)

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(program__in=Program.objects.search(text))

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        return frozen_among(model_objs)

    @admin.display(description="推進担当課")
    def leads(self, content: ProgramEdition) -> str:
        return department_names(content) or "未登録"

    @admin.display(description="実施内容", boolean=True)
    def is_written(self, content: ProgramEdition) -> bool:
        return bool(content.contents)

    @admin.display(description="版の状態", ordering="edition__frozen_at")
    def state(self, content: ProgramEdition) -> str:
        return "確定" if content.edition.frozen_at else "準備中"

    @admin.display(description="計画", ordering="program__plan")
    def plan(self, content: ProgramEdition) -> str:
        return str(content.program.plan)

    # Page

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<path:object_id>/change/",
                self.admin_site.admin_view(self.change_view),
                name="programs_programedition_change",
            ),
            *self.correct_urls(),
            *self.late_urls(),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: ProgramEdition | None = None) -> bool:
        frozen = obj is not None and obj.edition.frozen_at is not None
        return super().has_change_permission(request, obj) and not frozen

    def has_delete_permission(self, request: HttpRequest, obj: ProgramEdition | None = None) -> bool:
        frozen = obj is not None and obj.edition.frozen_at is not None
        return super().has_delete_permission(request, obj) and not frozen

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        content = self.content(request, object_id)
        if request.method != "POST":
            before = unsent.restore(request)
            if before is None:
                return self.page(request, content)
            if content.edition.frozen_at is not None:
                unsent.discard(request)  # it can go nowhere any more
                return self._frozen(request, content, before)
            return self._typed_before(request, content, before)
        if not super().has_change_permission(request):
            raise PermissionDenied
        if content.edition.frozen_at is not None:
            return self._frozen(request, content, request.POST)
        return self._save(request, content)

    def _frozen(self, request: HttpRequest, content: ProgramEdition, posted: QueryDict) -> HttpResponse:
        """The content as it is, and what this person had typed."""
        sent, form = SentContent(posted, content_of(content)), form_of(content, editable=False)
        changed = [name for name, value in sent.typed.items() if (sent.seen or {}).get(name) != value]
        refused = f"「{content.edition}」は、あなたが開いたあとに確定したため、保存していません。"
        # A blank indicator says 増えるとよい, too.
        words = [
            form.shown(name, sent.typed) for name in changed if name in form.fields or not name.endswith("-better")
        ]
        return self.page(request, content, form, status=400, refused=refused, words=words)

    def _typed_before(self, request: HttpRequest, content: ProgramEdition, before: QueryDict) -> HttpResponse:
        """What this person had typed when the session ran out, beside what others wrote meanwhile."""
        message = unsent.RESTORED
        conflict = SentContent(before, content_of(content))
        if conflict.is_stale:
            conflict.find()
            return self._conflict_page(request, content, conflict, message)
        return self.page(request, content, form_of(content, before), refused=message)

    def _save(self, request: HttpRequest, content: ProgramEdition) -> HttpResponse:
        conflict = SentContent(request.POST, content_of(content))
        if conflict.is_stale:
            conflict.find()
            return self._conflict_page(request, content, conflict)
        if conflict.is_open:
            message = "どちらを残すか、違いのあるところすべてで選んでください。まだ保存していません。"
            return self._conflict_page(request, content, conflict, message)
        form = form_of(content, conflict.data(resolved=True))
        if form.is_valid():
            seen = fingerprint(seen_of(request.POST) or {})
            try:
                saved = save_content(content, form.content(), by=person(request), seen=seen)
            except ContentConflict as refused:
                conflict = SentContent(request.POST, content_of(refused.current))
                conflict.find()
                return self._conflict_page(request, content, conflict)
            except WrongState as refused_now:
                form.add_error(None, str(refused_now))
            except ValidationError as error:
                form.refuse(error)
            else:
                self.log_change(request, saved, "保存")
                messages.success(request, f"「{content.program}」の計画内容（{content.edition}）を保存しました。")
                following = self._sibling(content, after=True) if "_next" in request.POST else None
                return redirect("admin:programs_programedition_change", following.pk if following else content.pk)
        return self.page(
            request, content, form, status=400, refused="まだ保存していません。赤字のところを直してください。"
        )

    def _conflict_page(
        self, request: HttpRequest, content: ProgramEdition, conflict: SentContent, message: str = ""
    ) -> HttpResponse:
        form = form_of(content, conflict.data(resolved=False))
        last = ProgramEdition.history.filter(id=content.pk).select_related("history_user").first()
        own = last is not None and last.history_user_id == request.user.pk
        return self.page(
            request,
            content,
            form,
            status=409,
            refused=message or changed_meanwhile("この計画内容", own=own),
            first=saved_first(own=own),
            choices=conflict.choices(form),
            pending=" ".join(conflict.pending),
            last=last,
        )

    def _siblings(self, content: ProgramEdition) -> QuerySet[ProgramEdition]:
        return ProgramEdition.objects.filter(edition=content.edition_id).select_related("program")

    def _sibling(self, content: ProgramEdition, *, after: bool) -> ProgramEdition | None:
        """The item before or after this one in the same edition."""
        key, pk = content.program.sort_key, content.pk
        side = "gt" if after else "lt"
        beyond = Q(**{f"program__sort_key__{side}": key}) | Q(program__sort_key=key, **{f"pk__{side}": pk})
        found = self._siblings(content).filter(beyond).order_by("program__sort_key", "pk")
        return found.first() if after else found.last()

    def page(
        self,
        request: HttpRequest,
        content: ProgramEdition,
        form: ContentForm | None = None,
        *,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        editable = self.has_change_permission(request, content)
        form = form or form_of(content, editable=editable)
        request.current_app = self.admin_site.name
        earlier = self._siblings(content).filter(
            Q(program__sort_key__lt=content.program.sort_key)
            | Q(program__sort_key=content.program.sort_key, pk__lt=content.pk)
        )
        edition: Edition = content.edition
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": content,
            "title": "計画内容の登録" if editable else "計画内容",
            "subtitle": str(content),
            "form": form,
            "editable": editable,
            "edition": edition,
            "program": content.program,
            "before": content_before(content),
            "previous": self._sibling(content, after=False),
            "next": self._sibling(content, after=True),
            "place": earlier.count() + 1,
            "of": self._siblings(content).count(),
            "can_correct": self.can_correct(request, content),
            "can_learn": self.can_learn(request, edition),
            "can_delete": self.has_delete_permission(request, content),
            "media": self.media + form.media,
            "publicity_note": note_of(self.model),
            "last_saved": last_saved(content),
            **more,
        }
        return TemplateResponse(request, "staff/content/content.html", context, status=status)
