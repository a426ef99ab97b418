"""The office's files of a whole plan: made at once for a usual plan, by the worker for a large one."""

from __future__ import annotations

import tempfile

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone

from policies.models import Plan
from staff.base import StaffAdmin, person
from workbooks import exports
from workbooks.models import Export
from workbooks.plan.writing import TooLong, write_book

# A workbook of so many items takes about two seconds; somebody who clicks waits for it.
AT_ONCE = 200


class ExportPages(StaffAdmin):
    """Part of the admin of plans."""

    def export_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/book/export/", view(self.book_export_view), name="policies_plan_book_export"),
            path("<int:pk>/exports/", view(self.exports_view), name="policies_plan_exports"),
            path("<int:pk>/exports/<slug:kind>/", view(self.export_file_view), name="policies_plan_export_file"),
        ]

    def _plan(self, request: HttpRequest, pk: int) -> Plan:
        if not self.has_export_permission(request):
            raise PermissionDenied
        return get_object_or_404(Plan, pk=pk)

    def book_export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        plan = self._plan(request, pk)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if plan.programs.count() > AT_ONCE:
            return redirect("admin:policies_plan_exports", pk)
        file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it
        try:
            write_book(plan, file)
        except TooLong as error:
            file.close()
            messages.error(request, str(error))
            return redirect("admin:policies_plan_change", pk)
        file.seek(0)
        name = f"{plan.slug}-{timezone.localdate().isoformat()}.xlsx"
        return FileResponse(file, as_attachment=True, filename=name)

    def exports_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was made and how far the rest is; POST begins one."""
        plan = self._plan(request, pk)
        if request.method == "POST":
            kind = request.POST.get("kind", "")
            if kind not in exports.KINDS or exports.KINDS[kind].of_round:
                messages.error(request, "書き出すものを選び直してください。")
            else:
                exports.start(plan, kind, site=request.build_absolute_uri("/").rstrip("/"), by=person(request))
                self.log_change(request, plan, f"{exports.KINDS[kind].label}の書き出しを始めました。")
            return redirect("admin:policies_plan_exports", pk)
        asked = [(kind, exports.last(plan, kind.key)) for kind in exports.KINDS.values() if not kind.of_round]
        found = [(kind, export, export is not None and exports.is_stuck(export)) for kind, export in asked]
        coming = (Export.State.WAITING, Export.State.RUNNING)
        return self.act_page(
            request,
            "staff/plan/exports.html",
            title=f"{plan.name}の書き出し",
            plan=plan,
            original=plan,
            found=found,
            is_coming=any(export is not None and export.state in coming for _, export in asked),
            stopped=exports.STOPPED,
        )

    def export_file_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        plan = self._plan(request, pk)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        export = exports.last(plan, kind)
        if export is None or export.state != Export.State.DONE:
            raise Http404(kind)
        try:
            file = export.opened()
        except FileNotFoundError as error:  # somebody has asked for a new one at this moment
            raise Http404(kind) from error
        return FileResponse(file, as_attachment=True, filename=export.name)
