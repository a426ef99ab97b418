"""What the supporting departments of a shared item add, on the page of its report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from accounts.models import Department
from reviews import workflow
from reviews.models import Report
from staff.base import person
from staff.report_forms import ContributionForm


class ContributionsPart:
    """A part of ReportAdmin."""

    # Of ReportAdmin:
    _page: Any
    _report: Any
    log_change: Any
    has_approve_permission: Any

    def _contributions(self, request: HttpRequest, report: Report) -> dict[str, Any]:
        """What each supporting department added, with a form for those of the person."""
        supporting = report.supporting_departments()
        if not supporting:
            return {}
        added = {each.department_id: each for each in report.contributions.select_related("updated_by")}
        user = person(request)
        writable = user.has_perm("reviews.change_report") and report in Report.objects.writable()
        own: set[int] = set()
        if writable and self.has_approve_permission(request):
            own = {department.pk for department in supporting}
        elif writable:
            own = user.owned_departments()
        lines = []
        for department in supporting:
            stored = added.get(department.pk)
            form = None
            if department.pk in own:
                initial = {
                    "version": report.version,
                    "department": department.pk,
                    "text": stored.text if stored else "",
                }
                form = ContributionForm(initial=initial, auto_id=f"id_contribution_{department.pk}_%s")
            lines.append((department, stored, form))
        return {"contributions": lines}

    def contribute_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        report = self._report(request, pk)
        form = ContributionForm(request.POST)
        if not form.is_valid():
            lacking = [name for name in ("department", "version") if name in form.errors]
            if lacking:
                raise PermissionDenied
            return self._contribution_refused(request, report, form, "2000文字以内で入力してください。")
        department = Department.objects.filter(pk=form.cleaned_data["department"]).first()
        if department is None:
            raise PermissionDenied
        try:
            saved = workflow.contribute(
                report,
                department,
                form.cleaned_data["text"],
                by=person(request),
                version=form.cleaned_data["version"],
            )
        except (workflow.ReportConflict, workflow.WrongState) as refused:
            return self._contribution_refused(request, self._report(request, pk), form, str(refused))
        self.log_change(request, saved, f"関係課の記入: {department}")
        messages.success(request, f"{department}の記入を保存しました。")
        return redirect("admin:reviews_report_change", pk)

    def _contribution_refused(
        self, request: HttpRequest, report: Report, form: ContributionForm, why: str
    ) -> HttpResponse:
        """The page as it is now, with what was typed: sending it again means to replace what is stored."""
        lines = self._contributions(request, report).get("contributions", [])
        typed = form.data.get("text", "")
        own = [line for department, _, line in lines if line and str(department.pk) == form.data.get("department")]
        for line in own:
            line.initial["text"] = typed
        why = f"関係課の記入を保存していません。{why}"
        words = [] if own else [typed]  # it cannot be written any more
        return self._page(request, report, contributions=lines, contribution_refused=why, words=words, status=409)
