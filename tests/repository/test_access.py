"""Every address of the site, asked by every kind of person: the expected answers as one table.

The addresses come from the URL configuration, so a new one without a row in the table fails here. POST sends an empty
form: what counts is whether the person gets as far as the form. Nobody ever gets a 500.
"""

from contextlib import nullcontext
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from accounts.models import Department, User
from committee.models import KeyProgram, Meeting, Opinion
from figures.models import PublishedFigure
from policies.lineage import LineageFigure, LineageNote, LineagePlan
from policies.models import (
    Axis,
    DelayCause,
    Direction,
    Edition,
    Grade,
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
from reviews import workflow
from reviews.models import Notice, PublishedReport, Redaction, Report, ReportErratum, Round, Settlement
from tests import factories
from tests.kept import kept
from tests.soak import whole_in_soak
from workbooks.models import SurveyUpload
from workbooks.survey import acts
from workbooks.survey.sheet import survey_sheet

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
admin/^(?P<app_label>policies|committee|programs|reviews|figures|accounts|workbooks)/$ | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
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
admin/accounts/department/process_import/                  | 302 403 403 403 403 405 405 | 302 403 403 403 403 302 302
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
admin/logout/                                              | 302 405 405 405 405 405 405 | 302 200 200 200 200 200 200
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
admin/PLAN-MODEL/process_import/                           | 302 403 403 403 403 405 405 | 302 403 403 403 403 302 302
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
admin/policies/plan/<int:pk>/tables/sheets/                | 302 403 403 403 403 302 302 | 302 403 403 403 403 302 302
admin/policies/plan/book/blank/                            | 302 403 403 403 403 200 200 | 302 403 403 403 403 405 405
admin/policies/plan/book/confirm/                          | 302 403 403 403 403 405 405 | 302 403 403 403 403 302 302
admin/policies/plan/book/import/                           | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/r/<path:content_type_id>/<path:object_id>/           | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/policies/edition/<int:pk>/begin/                     | 302 405 405 405 405 405 405 | 302 403 403 403 403 302 302
admin/policies/edition/<int:pk>/freeze/                    | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/policies/edition/<int:pk>/next/                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/programs/indicator/add/                              | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/indicatortarget/add/                        | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/yearplan/add/                               | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/programs/program/<int:pk>/begin/                     | 302 405 405 405 405 405 405 | 302 403 403 403 403 302 302
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
admin/committee/opinion/process_import/                      | 302 403 403 403 403 405 405 | 302 403 403 403 403 302 302
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
admin/reviews/report/<int:pk>/approve/                     | 302 405 405 405 405 405 405 | 302 403 403 403 403 302 302
admin/reviews/report/<int:pk>/contribute/                  | 302 405 405 405 405 405 405 | 302 404 403 403 404 403 403
admin/reviews/report/<int:pk>/judge/                       | 302 405 405 405 405 405 405 | 302 403 403 403 403 302 302
admin/reviews/report/<int:pk>/return/                      | 302 405 405 405 405 405 405 | 302 403 403 403 403 400 400
admin/reviews/report/<path:object_id>/                     | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/report/<path:object_id>/change/              | 302 404 200 200 404 200 200 | 302 404 400 403 404 400 400
admin/reviews/report/<path:object_id>/delete/              | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/report/<path:object_id>/history/             | 302 403 200 200 403 200 200 | 302 403 200 200 403 200 200
admin/reviews/report/^([^/]+)/history/([^/]+)/$            | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/reviews/report/add/                                  | 302 403 403 403 403 403 403 | 302 403 403 403 403 403 403
admin/reviews/report/export/                               | 302 200 200 403 403 200 200 | 302 200 200 403 403 200 200
admin/reviews/report/import/                               | 302 200 200 403 403 200 200 | 302 200 200 403 403 200 200
admin/reviews/report/process_import/                       | 302 405 405 403 403 405 405 | 302 302 302 403 403 302 302
admin/reviews/round/                                       | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/reviews/round/<int:pk>/approve/                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 302 302
admin/reviews/round/<int:pk>/board/                        | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/<int:pk>/notify/                       | 302 405 405 405 405 405 405 | 302 403 403 403 403 302 302
admin/reviews/round/<int:pk>/open/                         | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/reviews/round/<int:pk>/publish/                      | 302 403 403 403 403 200 200 | 302 403 403 403 403 400 400
admin/reviews/round/<int:pk>/past/                         | 302 403 403 403 403 400 400 | 302 403 403 403 403 400 400
admin/reviews/round/<int:pk>/status/                       | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/<path:object_id>/                      | 302 302 302 302 302 302 302 | 302 302 302 302 302 302 302
admin/reviews/round/<path:object_id>/change/               | 302 200 200 200 200 200 200 | 302 403 403 403 403 302 302
admin/reviews/round/<path:object_id>/delete/               | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/<path:object_id>/history/              | 302 200 200 200 200 200 200 | 302 200 200 200 200 200 200
admin/reviews/round/^([^/]+)/history/([^/]+)/$             | 302 302 302 302 302 302 302 | 302 405 405 405 405 405 405
admin/reviews/round/add/                                   | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/export/                                | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/import/                                | 302 403 403 403 403 200 200 | 302 403 403 403 403 200 200
admin/reviews/round/process_import/                        | 302 403 403 403 403 405 405 | 302 403 403 403 403 302 302
admin/workbooks/surveyupload/                                | 302 200 200 403 403 200 200 | 302 200 200 403 403 200 200
admin/workbooks/surveyupload/<int:pk>/undo/                  | 302 405 405 405 405 405 405 | 302 403 302 403 403 302 302
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


@pytest.fixture(autouse=True)
def no_typesetting(monkeypatch):
    """Not every machine can make PDF files; what they hold is tested in tests/website/test_packet.py."""
    for module in ("committee", "report", "sheets"):
        monkeypatch.setattr(f"website.{module}.pdf_of", lambda html, stylesheet: b"%PDF-")


@kept
def site(plan, cast):
    """A plan with one row of every model, each with history; the second round published, the first
    open, the report of item 1 there a draft."""
    source = Source.objects.get()
    Viewpoint.objects.create(plan=plan, kind="goal", order=1, name="視点")
    line = LineagePlan.objects.create(plan=plan, key="before", order=1, name="前の計画")
    LineageFigure.objects.create(plan=plan, lineage=line, key="before.all", as_of="2011-03-31", value=100)
    LineageNote.objects.create(plan=plan, lineage=line, key="before.1", kind="revision", text="見直した。")
    Position.objects.create(
        plan=plan, order=1, layer="計画", name="計画", first_fiscal_year=2011, last_fiscal_year=2015
    )
    Scale.objects.create(plan=plan, starts_on="2016-03-31", note="厳しくした")
    DelayCause.objects.create(plan=plan, name="予算", order=1)
    Meeting.objects.create(plan=plan, held_on="2014-10-31", **factories.PUBLIC)
    Opinion.objects.create(plan=plan, key="2014-1", given_on="2014-10-31", text="意見", author=cast.committee)
    PublishedFigure.objects.create(
        plan=plan,
        key="items",
        measure="item_count",
        label="項目数",
        printed="3",
        unit="項目",
        source=source,
        locator="1",
    )
    PublishedFigure.objects.create(
        plan=plan,
        key="revised",
        measure="revised_items",
        edition=plan.editions.get(key="fy2013-revision"),
        label="見直した項目数",
        printed="2",
        unit="項目",
        source=source,
        locator="2",
    )
    factories.written(plan)
    factories.revised(plan)
    for model in (
        *(Program, ProgramEdition, YearPlan, Indicator, IndicatorTarget, IndicatorActual),
        *(RevisionMark, KeyProgram),
    ):
        model.objects.first().save()
    PlanIndicatorErratum.objects.create(
        plan=plan,
        indicator=PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率"),
        corrected_on="2014-10-31",
        field="unit",
        label="単位",
        new="%",
        reason="もれ",
        corrected_by=cast.office,
    )
    late = factories.published_round(plan, {1: "A"}, by=cast.office, as_of=plan.rounds.last().as_of)
    workflow.correct(late.published_reports.first(), "grade", "B", reason="誤り", by=cast.office)
    Settlement.objects.create(
        plan=plan, program=plan.programs.first(), fiscal_year=2014, kind="saving", value=1, settled_on="2015-10-01",
        source=source, settled_by=cast.office,
    )  # fmt: skip
    LateContent.objects.create(
        plan=plan,
        program_edition=ProgramEdition.objects.first(),
        learned_on="2014-10-31",
        fields="実施内容",
        source=source,
        reason="見つかった",
        learned_by=cast.office,
    )
    ContentErratum.objects.create(
        plan=plan,
        program_edition=ProgramEdition.objects.first(),
        corrected_on="2014-10-31",
        field="contents",
        label="実施内容",
        reason="誤り",
        corrected_by=cast.office,
    )
    Redaction.objects.create(plan=plan, place="会議", fields="場所", count=1, reason="氏名", redacted_at=timezone.now())
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    Notice.objects.create(
        round=opened, kind="opened", user=cast.reporter, address="r@example.jp", sent_at=timezone.now(), result="sent"
    )
    sheet = survey_sheet(opened, cast.zaisei, by=cast.reporter)
    acts.receive(sheet, "調査票.xlsx", opened, cast.zaisei, by=cast.reporter)
    return factories.report(opened, 1)


def instance(route, report):
    """The row that an address of the admin is about."""
    if route.startswith("admin/figures/publishedfigure/tables/"):
        return report.program.plan
    for prefix, model in (PLAN_PREFIXES | OTHER_PREFIXES).items():
        if route.startswith(prefix):
            return {Report: report, Round: report.round, User: User.objects.get(username="colleague")}.get(
                model
            ) or model.objects.first()
    return report.program.plan


def address(route, report):
    row = instance(route, report)
    history = row.history.first().pk if hasattr(row, "history") else 0
    parts = {
        "<path:content_type_id>": ContentType.objects.get_for_model(Plan).pk,
        "<path:object_id>": row.pk,
        "<int:pk>": row.pk,
        "<int:round>": report.round_id,
        "<int:program>": report.program_id,
        "<int:edition>": report.program.plan.editions.first().pk,
        "<int:department>": Department.objects.get(code="zaisei").pk,
        "<id>": row.pk,
        "^([^/]+)/history/([^/]+)/$": f"{row.pk}/history/{history}/",
        "^(?P<app_label>policies|committee|programs|reviews|figures|accounts|workbooks)/$": "policies/",
        "(?P<url>.*)$": "nowhere/",
        "<item:number>/charts/<slug:chart>": "1/charts/indicator-1",
        "<slug:chart>": "trend",
        "<drawn:form>": "svg",
        "<slug:slug>": "kodaira-2",
        "<str:code>": "zaisei",
        "<slug:key>": "fy2013-revision",
        "<slug:plan>": "kodaira-2",
        "<slug:name>": "sources",
        "<slug:kind>": "package",
        "<int:number>": 1,
        "<item:number>": "1",
        "<day:as_of>": "2014-09-30",
        "<day:held_on>": "2014-10-31",
    }
    for part, value in parts.items():
        route = route.replace(part, str(value))
    return f"/{route}"


@pytest.fixture
def people(cast):
    """Each of PEOPLE. They are the same objects for all requests, which read what they may do only once."""
    return {who: AnonymousUser() if who == "anonymous" else User.objects.get(username=who) for who in PEOPLE}


# Whose pages are written out; for the others it is enough that they get one.
READERS = ("anonymous", "reporter", "root")


def answers(people, url, method):
    """The status that each person gets, in the order of PEOPLE; what a request changes is taken back."""
    statuses = []
    client = Client(raise_request_exception=False)
    for who, person in people.items():
        is_read = method == "get" and who in READERS
        with (
            transaction.atomic(),
            patch("django.contrib.auth.middleware.auth.get_user", return_value=person),
            nullcontext() if is_read else patch.object(Template, "render", return_value=""),
        ):
            response = getattr(client, method)(url)
            if response.streaming:
                b"".join(response.streaming_content)  # read to its end, the file that is sent is closed
            statuses.append(str(response.status_code))
            transaction.set_rollback(True)
        client.cookies.clear()
    return " ".join(statuses)


# Models whose rights differ: what departments write, what is asked, promised, said to it, written by the office, by nobody else.
MODELS = (
    *("reviews/report", "reviews/round", "programs/programedition", "committee/opinion"),
    *("policies/policy", "accounts/user"),
)
TABLES = ("programs", "programs/<item:number>", "reports", "opinions", "long")


def one_of_each_kind(found):
    """Of the admin's addresses that every model has, those of MODELS; of the API's tables, TABLES; and all others."""
    ends = [route.split("/", 3)[3] for route in found if route.startswith("admin/") and route.count("/") > 2]
    shared = {end for end in ends if ends.count(end) > len(MODELS)}
    return [
        route
        for route in found
        if not (
            (route.startswith("admin/") and route.count("/") > 2 and route.split("/", 3)[3] in shared)
            or route.startswith("api/v1/plans/<slug:plan>/")
        )
        or route.startswith(tuple(f"admin/{model}/" for model in MODELS))
        or route in [f"api/v1/plans/<slug:plan>/{table}" for table in TABLES]
    ]


@pytest.mark.parametrize("asked", whole_in_soak(one_of_each_kind(ROUTES), ROUTES))
def test_every_address_answers_each_person_as_the_table_says(asked, site, people):
    wrong = {}
    for route in asked:
        url, wanted = address(route, site), TABLE.get(row_of(route), ("", ""))
        # Public pages do not ask who reads them (tests/website/test_leaks.py): the first and the last of all stand for all.
        some = PEOPLE if asked is ROUTES or route.startswith("admin/") else (PEOPLE[0], PEOPLE[-1])
        for method, row in zip(("get", "post"), wanted, strict=True):
            status = dict(zip(PEOPLE, row.split(), strict=False))
            got = answers({who: people[who] for who in some}, url, method)
            if got != " ".join(status.get(who, "") for who in some):
                wrong[route, method] = got
    assert wrong == {}


def test_the_table_has_a_row_for_every_address_and_none_for_one_that_is_gone():
    assert set(TABLE) == {row_of(route) for route in ROUTES}


def test_nobody_sees_a_plan_that_is_not_public(site, people):
    Plan.objects.update(is_public=False)
    public = [route for route in ROUTES if route.startswith("plans/<slug:slug>/")]
    assert len(public) >= 10
    for route in public:
        assert answers(people, address(route, site), "get") == " ".join(["404"] * len(PEOPLE)), route


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_public_pages_are_only_read(site, method):
    for route in ROUTES:
        if not route.startswith("admin/"):
            assert getattr(Client(), method)(address(route, site)).status_code == 405, route


HUGE = 10**24


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/nowhere/", 404),
        ("/plans/none/", 404),
        ("/plans/kodaira-2/policies/99/", 404),
        ("/plans/kodaira-2/charts/nix.svg", 404),
        ("/plans/kodaira-2/charts/revision-nix.csv", 404),
        ("/plans/kodaira-2/charts/trend.png", 404),
        ("/plans/kodaira-2/policies/1/charts/indicator-99.svg", 404),
        ("/plans/kodaira-2/programs/1/charts/trend.svg", 404),
        (f"/plans/kodaira-2/policies/{HUGE}/", 404),
        ("/plans/kodaira-2/programs/99/", 404),
        (f"/plans/kodaira-2/programs/{'9' * 500}/", 404),
        ("/plans/kodaira-2/programs/%00/", 404),
        ("/plans/kodaira-2/programs/１/", 404),
        ("/plans/kodaira-2/progress/2014-09-29/", 404),
        ("/plans/kodaira-2/revisions/nix/", 404),
        ("/plans/kodaira-2/revisions/fy2013-revision/?aspect=nix", 400),
        ("/plans/kodaira-2/progress/2014-02-30/", 404),
        ("/plans/kodaira-2/progress/0000-00-00/", 404),
        ("/plans/kodaira-2/programs/?round=yesterday", 400),
        (f"/plans/kodaira-2/programs/?policy={HUGE}", 400),
        ("/plans/kodaira-2/programs/?policy=x", 400),
        ("/plans/kodaira-2/programs/?grade=Z", 400),
        ("/plans/kodaira-2/programs/?q=%00", 400),
        ("/plans/kodaira-2/programs.csv?grade=Z", 400),
        ("/plans/kodaira-2/programs.xlsx?grade=Z", 400),
        ("/plans/kodaira-2/programs/?page=0", 404),
        ("/plans/kodaira-2/programs/?page=x", 400),
        (f"/plans/kodaira-2/programs/?page={HUGE}", 404),
        ("/%00", 404),
        ("/%ff%fe", 404),
    ],
)
def test_what_does_not_exist_is_said_in_japanese(site, url, status):
    response = Client(raise_request_exception=False).get(url)
    assert response.status_code == status
    assert '<html lang="ja">' in response.text


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"/admin/reviews/report/{HUGE}/change/", 404),
        ("/admin/reviews/report/x/change/", 404),
        ("/admin/reviews/report/%00/change/", 404),
        ("/admin/reviews/report/999/approve/", 405),
        (f"/admin/reviews/report/{HUGE}/approve/", 405),
        ("/admin/reviews/round/999/open/", 404),
        (f"/admin/reviews/round/{HUGE}/publish/", 404),
        ("/admin/reviews/report/?round=x", 200),
        (f"/admin/reviews/report/?round={HUGE}", 200),
        ("/admin/reviews/report/?department=x", 200),
        (f"/admin/reviews/report/?department={HUGE}", 200),
        ("/admin/reviews/report/?leading=x", 200),
        (f"/admin/reviews/report/?leading={HUGE}", 200),
        ("/admin/reviews/report/?supporting=none", 200),
        ("/admin/reviews/round/999/board/", 404),
        ("/admin/reviews/notice/?round=x", 200),
        ("/admin/reviews/report/?state__exact=x", 200),
        ("/admin/reviews/report/?q=%00", 200),
        ("/admin/reviews/report/?p=x", 200),
        ("/admin/reviews/report/?o=99.-99", 200),
        ("/admin/reviews/report/?nonsense=1", 302),
    ],
)
def test_an_address_of_the_admin_that_makes_no_sense(site, url, status):
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="office"), "django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == status
