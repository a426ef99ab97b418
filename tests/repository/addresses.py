"""The table of addresses: what each kind of person gets, by GET and by POST. Asked by tests/repository/test_access.py."""

from django.urls import URLPattern, get_resolver

from accounts.models import Department, User
from committee.models import KeyProgram, Meeting, Opinion
from figures.models import PublishedFigure
from policies.models import (
    Axis,
    DelayCause,
    Direction,
    Edition,
    Grade,
    LineageFigure,
    LineageNote,
    LineagePlan,
    Plan,
    Policy,
    Position,
    Scale,
    Source,
    Viewpoint,
)
from programs.models import (
    ContentErratum,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    LateContent,
    PlanIndicator,
    PlanIndicatorErratum,
    Program,
    ProgramEdition,
    Revision,
    RevisionMark,
    YearPlan,
)
from reviews.models import Notice, PublishedReport, Redaction, Report, ReportErratum, Round, Settlement
from workbooks.models import SurveyUpload

# `stranger` reports for another department than the item's, `reporter` for the item's own.
PEOPLE = ("anonymous", "stranger", "reporter", "viewer", "committee", "office", "root")


PLAN_MODELS = {
    "policies": (
        *(Plan, Source, Edition, Viewpoint, Direction, Policy, Position, Axis, Scale, Grade, DelayCause),
        *(LineagePlan, LineageFigure, LineageNote),
    ),
    "programs": (
        *(Program, ProgramEdition, YearPlan, Indicator, IndicatorTarget, IndicatorActual),
        *(Revision, RevisionMark, ContentErratum, LateContent, PlanIndicator, PlanIndicatorErratum),
    ),
    "reviews": (ReportErratum, Settlement),
    "committee": (Meeting, KeyProgram),
    "figures": (PublishedFigure,),
}
PLAN_PREFIXES = {
    f"admin/{app}/{model._meta.model_name}/": model for app, models in PLAN_MODELS.items() for model in models
}
OTHER_PREFIXES = {
    "admin/accounts/user/": User,
    "admin/accounts/department/": Department,
    "admin/committee/opinion/": Opinion,
    "admin/reviews/notice/": Notice,
    "admin/reviews/publishedreport/": PublishedReport,
    "admin/reviews/redaction/": Redaction,
    "admin/reviews/report/": Report,
    "admin/reviews/round/": Round,
    "admin/workbooks/surveyupload/": SurveyUpload,
}


def routes(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern.url_patterns, route)


# anonymous, stranger, reporter, viewer, committee, office, root: first GET, then POST.
ROWS = """
/                                                          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
admin/                                                     | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/(?P<url>.*)$                                         | 302 404 404 404 404 404 404 | 302 404 404 404 404 404 404
admin/sign-ins/                                            | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 302
admin/taken-back/                                          | 302 403 403 403 403 200 200 | 302 403 403 403 403 405 405
admin/^(?P<app_label>policies|programs|committee|reviews|figures|accounts|workbooks)/$ | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/accounts/department/                                 | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/accounts/department/<path:object_id>/                | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/accounts/department/<path:object_id>/change/         | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/accounts/department/<path:object_id>/delete/         | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/accounts/department/<path:object_id>/history/        | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/accounts/department/^([^/]+)/history/([^/]+)/$       | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/accounts/department/<int:pk>/hand-over/              | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/accounts/department/add/                             | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/accounts/department/export/                          | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/accounts/department/import/                          | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/accounts/department/process_import/                  | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/accounts/user/                                       | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 200
admin/accounts/user/<id>/password/                         | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 200
admin/accounts/user/<path:object_id>/                      | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/accounts/user/<path:object_id>/change/               | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 200
admin/accounts/user/<path:object_id>/delete/               | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/accounts/user/<path:object_id>/history/              | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 200
admin/accounts/user/^([^/]+)/history/([^/]+)/$             | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/accounts/user/add/                                   | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 200
admin/accounts/user/export/                                | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 200
admin/accounts/user/import/                                | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/accounts/user/process_import/                        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/committee/meeting/<int:pk>/public/                   | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/committee/meeting/<int:pk>/withdraw/                 | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/committee/opinion/<int:pk>/public/                   | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/committee/opinion/<int:pk>/withdraw/                 | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/public/                       | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/withdraw/                     | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/policies/source/<int:pk>/public/                     | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/source/<int:pk>/withdraw/                   | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/programs/program/<int:pk>/public/                    | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/programs/program/<int:pk>/withdraw/                  | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/reviews/round/<int:pk>/public/                       | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/reviews/round/<int:pk>/withdraw/                     | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/autocomplete/                                        | 302 403 403 403 403 403 403 | 302 405 405 405 405 405 405
admin/jsi18n/                                              | 302 200 200 200 200 200 200 | 302 405 405 405 405 405 405
admin/login/                                               | 200 302 302 302 302 302 302 | 200 200 200 200 200 200 200
admin/logout/                                              | 302 302 302 302 302 302 302 | 302 200 200 200 200 200 200
admin/password_change/                                     | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/password_change/done/                                | 302 200 200 200 200 200 200 | 302 405 405 405 405 405 405
admin/PLAN-MODEL/                                          | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/PLAN-MODEL/<path:object_id>/                         | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/PLAN-MODEL/<path:object_id>/change/                  | 302 200 200 200 200 200 200 | 302 403 403 403 403 200 200
admin/PLAN-MODEL/<path:object_id>/delete/                  | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/PLAN-MODEL/<path:object_id>/history/                 | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/PLAN-MODEL/^([^/]+)/history/([^/]+)/$                | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/PLAN-MODEL/add/                                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/PLAN-MODEL/export/                                   | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/PLAN-MODEL/import/                                   | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/PLAN-MODEL/process_import/                           | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/book/export/                  | 302 403 403 403 403 200 200 | 302 403 403 403 403 405 405
admin/policies/plan/<int:pk>/exports/                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/exports/<slug:kind>/          | 302 403 403 403 403 404 404 | 302 403 403 403 403 405 405
admin/figures/publishedfigure/tables/                      | 302 403 403 403 403 302 302 | 302 403 403 403 403 405 405
admin/figures/publishedfigure/tables/<int:pk>/             | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/figures/publishedfigure/tables/<int:pk>/check/       | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/figures/publishedfigure/tables/<int:pk>/meanings/    | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/figures/publishedfigure/tables/<int:pk>/sheets/      | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/tables/                       | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/policies/plan/<int:pk>/tables/book/                  | 302 403 403 403 403 302 302 | 302 403 403 403 403 405 405
admin/policies/plan/<int:pk>/tables/columns/               | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/tables/doubts/                | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/tables/results/               | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/<int:pk>/tables/sheets/                | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/book/blank/                            | 302 403 403 403 403 200 200 | 302 403 403 403 403 405 405
admin/policies/plan/book/confirm/                          | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/book/import/                           | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/r/<path:content_type_id>/<path:object_id>/           | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/policies/edition/<int:pk>/begin/                     | 302 302 302 302 302 302 302 | 302 403 403 403 403 302 302
admin/policies/edition/<int:pk>/freeze/                    | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/policies/edition/<int:pk>/next/                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/programs/indicator/add/                              | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/indicatortarget/add/                        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/yearplan/add/                               | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/program/<int:pk>/begin/                     | 302 302 302 302 302 302 302 | 302 403 403 403 403 302 302
admin/programs/program/<int:pk>/end/                       | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/programs/programedition/<int:pk>/correct/            | 302 403 403 403 403 400 400 | 302 403 403 403 403 400 400
admin/programs/programedition/<path:object_id>/change/     | 302 200 200 200 200 200 200 | 302 403 403 403 403 409 409
admin/programs/programedition/add/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/committee/meeting/<int:pk>/packet/                     | 302 403 403 403 200 200 200 | 302 405 405 405 405 405 405
admin/committee/meeting/<int:pk>/packet/packet.pdf           | 302 403 403 403 200 200 200 | 302 405 405 405 405 405 405
admin/committee/opinion/                                     | 302 403 403 403 200 200 200 | 302 403 403 403 200 200 200
admin/committee/opinion/<path:object_id>/                    | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/committee/opinion/<path:object_id>/change/             | 302 403 403 403 200 200 200 | 302 403 403 403 200 200 200
admin/committee/opinion/<path:object_id>/delete/             | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/committee/opinion/<path:object_id>/history/            | 302 403 403 403 200 200 200 | 302 403 403 403 200 200 200
admin/committee/opinion/^([^/]+)/history/([^/]+)/$           | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/committee/opinion/add/                                 | 302 403 403 403 200 200 200 | 302 403 403 403 200 200 200
admin/committee/opinion/export/                              | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/committee/opinion/import/                              | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/committee/opinion/process_import/                      | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/reviews/settlement/add/                            | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/settlement/<path:object_id>/change/        | 302 200 200 200 200 200 200 | 302 403 403 403 403 403 403
admin/reviews/settlement/<path:object_id>/delete/        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/settlement/export/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/settlement/import/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/settlement/process_import/                 | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/settlement/settle/<int:program>/             | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/programs/latecontent/add/                            | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/latecontent/<path:object_id>/change/        | 302 200 200 200 200 200 200 | 302 403 403 403 403 403 403
admin/programs/latecontent/<path:object_id>/delete/        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/latecontent/export/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/latecontent/import/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/latecontent/process_import/                 | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/programedition/learn/<int:program>/<int:edition>/ | 302 403 403 403 403 400 400 | 302 403 403 403 403 400 400
admin/programs/contenterratum/add/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/contenterratum/<path:object_id>/change/     | 302 200 200 200 200 200 200 | 302 403 403 403 403 403 403
admin/programs/contenterratum/<path:object_id>/delete/     | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/contenterratum/export/                      | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/contenterratum/import/                      | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/contenterratum/process_import/              | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/planindicatorerratum/add/                   | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/planindicatorerratum/<path:object_id>/change/ | 302 200 200 200 200 200 200 | 302 403 403 403 403 403 403
admin/programs/planindicatorerratum/<path:object_id>/delete/ | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/planindicatorerratum/export/                | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/planindicatorerratum/import/                | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/planindicatorerratum/process_import/        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/planindicator/<int:pk>/correct/             | 302 403 403 403 403 400 400 | 302 403 403 403 403 400 400
admin/programs/planindicator/<int:pk>/publish/             | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/reviews/reporterratum/add/                           | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/reporterratum/<path:object_id>/change/       | 302 200 200 200 200 200 200 | 302 403 403 403 403 403 403
admin/reviews/reporterratum/<path:object_id>/delete/       | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/reporterratum/export/                        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/reporterratum/import/                        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/reporterratum/process_import/                | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/notice/                                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/notice/<path:object_id>/                     | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/notice/<path:object_id>/change/              | 302 403 403 403 403 200 200 | 302 403 403 403 403 403 403
admin/reviews/notice/<path:object_id>/delete/              | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/notice/<path:object_id>/history/             | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/notice/add/                                  | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/publishedreport/                             | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/reviews/publishedreport/<int:pk>/correct/            | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/reviews/publishedreport/<path:object_id>/            | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/publishedreport/<path:object_id>/change/     | 302 200 200 200 200 200 200 | 302 403 403 403 403 403 403
admin/reviews/publishedreport/<path:object_id>/delete/     | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/publishedreport/<path:object_id>/history/    | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/publishedreport/^([^/]+)/history/([^/]+)/$   | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/reviews/publishedreport/export/                      | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/publishedreport/import/                      | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/publishedreport/process_import/              | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/publishedreport/add/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/redaction/                                   | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/redaction/<path:object_id>/                  | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/redaction/<path:object_id>/change/           | 302 403 403 403 403 200 200 | 302 403 403 403 403 403 403
admin/reviews/redaction/<path:object_id>/delete/           | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/redaction/<path:object_id>/history/          | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/redaction/^([^/]+)/history/([^/]+)/$         | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/reviews/redaction/add/                               | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/redaction/export/                            | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/redaction/import/                            | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/redaction/process_import/                    | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/redaction/redact/                            | 302 403 403 403 403 403 200 | 302 403 403 403 403 403 400
admin/reviews/report/                                      | 302 200 200 200 403 200 200 | 302 200 200 200 403 200 200
admin/reviews/report/<int:pk>/approve/                     | 302 302 302 302 302 302 302 | 302 403 403 403 403 302 302
admin/reviews/report/<int:pk>/contribute/                  | 302 302 302 302 302 302 302 | 302 404 403 403 404 403 403
admin/reviews/report/<int:pk>/judge/                       | 302 302 302 302 302 302 302 | 302 403 403 403 403 302 302
admin/reviews/report/<int:pk>/return/                      | 302 302 302 302 302 302 302 | 302 403 403 403 403 400 400
admin/reviews/report/<path:object_id>/                     | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/report/<path:object_id>/change/              | 302 404 200 200 404 200 200 | 302 404 400 403 404 400 400
admin/reviews/report/<path:object_id>/delete/              | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/report/<path:object_id>/history/             | 302 403 200 200 403 200 200 | 302 403 200 200 403 200 200
admin/reviews/report/^([^/]+)/history/([^/]+)/$            | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/reviews/report/add/                                  | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/report/export/                               | 302 200 200 403 403 200 200 | 302 200 200 403 403 200 200
admin/reviews/report/import/                               | 302 200 200 403 403 200 200 | 302 200 200 403 403 200 200
admin/reviews/report/process_import/                       | 302 302 302 403 403 302 302 | 302 302 302 403 403 302 302
admin/reviews/round/                                       | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/reviews/round/<int:pk>/approve/                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/reviews/round/<int:pk>/board/                        | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/<int:pk>/notify/                       | 302 302 302 302 302 302 302 | 302 403 403 403 403 302 302
admin/reviews/round/<int:pk>/open/                         | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/reviews/round/<int:pk>/publish/                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/reviews/round/<int:pk>/past/                         | 302 403 403 403 403 400 400 | 302 403 403 403 403 400 400
admin/reviews/round/<int:pk>/report/                       | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/reviews/round/<int:pk>/report/<int:export>/          | 302 403 403 403 403 404 404 | 302 403 403 403 403 405 405
admin/reviews/round/<int:pk>/status/                       | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/<path:object_id>/                      | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/round/<path:object_id>/change/               | 302 200 200 200 200 200 200 | 302 403 403 403 403 302 302
admin/reviews/round/<path:object_id>/delete/               | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/<path:object_id>/history/              | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/reviews/round/^([^/]+)/history/([^/]+)/$             | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/reviews/round/add/                                   | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/export/                                | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/import/                                | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/process_import/                        | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/workbooks/surveyupload/                                | 302 200 200 403 403 200 200 | 302 200 200 403 403 200 200
admin/workbooks/surveyupload/<int:pk>/undo/                  | 302 302 302 302 302 302 302 | 302 403 302 403 403 302 302
admin/workbooks/surveyupload/<path:object_id>/               | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/workbooks/surveyupload/<path:object_id>/change/        | 302 403 200 403 403 200 200 | 302 403 409 403 403 409 409
admin/workbooks/surveyupload/<path:object_id>/delete/        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/workbooks/surveyupload/<path:object_id>/history/       | 302 403 200 403 403 200 200 | 302 403 200 403 403 200 200
admin/workbooks/surveyupload/^([^/]+)/history/([^/]+)/$      | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/workbooks/surveyupload/add/                            | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/workbooks/surveyupload/export/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/workbooks/surveyupload/import/                         | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/workbooks/surveyupload/process_import/                 | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/workbooks/surveyupload/sheets/<int:round>/             | 302 302 302 403 403 200 200 | 302 302 302 403 403 200 200
admin/workbooks/surveyupload/sheets/<int:round>/<int:department>/ | 302 403 200 403 403 200 200 | 302 403 400 403 403 400 400
admin/workbooks/surveyupload/sheets/<int:round>/<int:department>/download/ | 302 403 200 403 403 200 200 | 302 403 200 403 403 200 200
api/v1/                                                    | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/docs                                                | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/openapi.json                                        | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans                                               | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>                                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/programs                          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/programs/<item:number>            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/policies                          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/rounds                            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/grade-counts                      | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/delay-causes                      | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/reports                           | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/judgements                        | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/report-departments                | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/contributions                     | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/errata                            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/editions                          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/program-editions                  | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/departments                       | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/program-departments               | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/year-plans                        | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/indicators                        | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/plan-indicators                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/plan-indicator-targets            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/plan-indicator-actuals            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/indicator-targets                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/indicator-actuals                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/effects                           | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/settlements                       | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/revisions                         | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/revised-items                     | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/revision-counts                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/opinions                          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/key-programs                      | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/meetings                          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/meeting-sources                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/agenda-items                      | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/figures                           | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/grades                            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/sources                           | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/late-contents                     | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/added-and-ended                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/relistings                        | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
api/v1/plans/<slug:plan>/long                              | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
healthz                                                    | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
feed.xml                                                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/about/                                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
about/                                                     | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
accessibility/                                             | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
privacy/                                                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
glossary/                                                  | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/                                                     | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/                                         | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/charts/<slug:chart>.<drawn:form>         | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/policies/<int:number>/charts/<slug:chart>.<drawn:form> | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs/<item:number>/charts/<slug:chart>.<drawn:form> | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/committee/                               | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/committee/<day:held_on>/                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/committee/<day:held_on>/packet.pdf       | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/compare/                                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/data/                                    | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/data/<slug:name>.csv                     | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/data/catalog.jsonld                      | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/data/dataset.jsonld                      | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/data/rounds/<day:as_of>/SHA256SUMS       | 404 404 404 404 404 404 404 | 405 405 405 405 405 405 405
plans/<slug:slug>/data/rounds/<day:as_of>/programs.csv     | 404 404 404 404 404 404 404 | 405 405 405 405 405 405 405
plans/<slug:slug>/data.zip                                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/long.csv                                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/effects/                                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/errata.csv                               | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/feed.xml                                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/departments/<str:code>/feed.xml          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/policies/<int:number>/feed.xml           | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs/<item:number>/feed.xml          | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/figures/                                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/policies/<int:number>/                   | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/policies/<int:number>/sheets.pdf         | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs.csv                             | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs.json                            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs.xlsx                            | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs/                                | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs/<item:number>/                  | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/programs/<item:number>/sheet.pdf         | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/progress/                                | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/progress/<day:as_of>/                    | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/report/<day:as_of>.pdf                   | 404 404 404 404 404 404 404 | 405 405 405 405 405 405 405
plans/<slug:slug>/report/<day:as_of>/                      | 404 404 404 404 404 404 404 | 405 405 405 405 405 405 405
plans/<slug:slug>/revisions/                                | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
plans/<slug:slug>/revisions/<slug:key>/                     | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
robots.txt                                                 | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
sitemap.xml                                                | 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405
"""
TABLE = {
    route.strip().removeprefix("/"): (get, post)
    for route, get, post in (row.split(" | ") for row in ROWS.strip().splitlines())
}
ROUTES = sorted(routes(get_resolver().url_patterns))


def row_of(route):
    """The row of the table for a route: the models of the plan share theirs, where they have none of their own."""
    if route in TABLE:
        return route
    for prefix in PLAN_PREFIXES:
        if route.startswith(prefix):
            return "admin/PLAN-MODEL/" + route.removeprefix(prefix)
    return route
