"""The report of a round for the office: made by the worker, kept with the round, made anew when what citizens read has changed."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from staff.base import person
from staff.past import PastPage
from workbooks import exports
from workbooks.models import Export

KIND = "report"
_RIGHT = "policies.export_plan"


class RoundFiles(PastPage):
    """Part of the admin of rounds."""

    def file_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/report/", view(self.files_view), name="reviews_round_files"),
            path("<int:pk>/report/<int:export>/", view(self.file_view), name="reviews_round_file"),
        ]

    def files_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was made and how far the rest is; POST begins one."""
        round_ = self.round_of(request, pk, _RIGHT)
        if request.method == "POST":
            site = request.build_absolute_uri("/").rstrip("/")
            exports.start(round_.plan, KIND, site=site, by=person(request), round_=round_)
            self.log_change(request, round_, "報告書の作成を始めました。")
            return redirect("admin:reviews_round_files", pk)
        found = exports.of_round(round_, KIND)
        made = [each for each in found if each.state == Export.State.DONE]
        coming = next((each for each in found if each.state != Export.State.DONE), None)
        return self.act_page(
            request,
            "staff/round/files.html",
            title=f"{round_.plan} {round_}の報告書",
            original=round_,
            kind=exports.KINDS[KIND],
            made=made,
            is_current=bool(made) and exports.is_current(made[0]),
            export=coming,
            is_stuck=coming is not None and exports.is_stuck(coming),
            is_coming=coming is not None and coming.state != Export.State.FAILED,
            stopped=exports.STOPPED,
        )

    def file_view(self, request: HttpRequest, pk: int, export: int) -> HttpResponseBase:
        round_ = self.round_of(request, pk, _RIGHT)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        found = get_object_or_404(Export, pk=export, round=round_, state=Export.State.DONE)
        try:
            file = found.opened()
        except FileNotFoundError as error:  # personal data was taken out at this moment
            raise Http404(found.name) from error
        return FileResponse(file, as_attachment=True, filename=found.name)
