"""Addresses of the public pages and of the files that a page offers."""

from django.urls import path

from website import (
    about,
    committee,
    comparison,
    effects,
    feeds,
    overview,
    policy,
    program,
    programs,
    progress,
    revisions,
    statements,
)
from website import surroundings as site

urlpatterns = [
    path("", overview.home, name="home"),
    path("healthz", overview.healthz, name="healthz"),
    path("robots.txt", site.robots, name="robots"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path("feed.xml", feeds.feed_of_all, name="feed_of_all"),
    path("glossary/", site.glossary, name="glossary"),
    path("about/", statements.about, name="site_about"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("privacy/", statements.privacy, name="privacy"),
    path("plans/", overview.plans, name="plans"),
    path("plans/<slug:slug>/", overview.plan, name="plan"),
    path("plans/<slug:slug>/about/", about.about, name="plan_about"),
    path("plans/<slug:slug>/feed.xml", feeds.feed, name="feed"),
    path("plans/<slug:slug>/committee/", committee.committee, name="committee"),
    path("plans/<slug:slug>/committee/<day:held_on>/", committee.meeting, name="meeting"),
    path("plans/<slug:slug>/committee/<day:held_on>/packet.pdf", committee.packet_pdf, name="packet_pdf"),
    path("plans/<slug:slug>/policies/<int:number>/", policy.policy, name="policy"),
    path("plans/<slug:slug>/errata.csv", programs.errata_csv, name="errata_csv"),
    path("plans/<slug:slug>/programs/", programs.programs, name="programs"),
    path("plans/<slug:slug>/programs.csv", programs.programs_csv, name="programs_csv"),
    path("plans/<slug:slug>/programs.json", programs.programs_json, name="programs_json"),
    path("plans/<slug:slug>/programs.xlsx", programs.programs_xlsx, name="programs_xlsx"),
    path("plans/<slug:slug>/long.csv", programs.long_csv, name="long_csv"),
    path("plans/<slug:slug>/programs/<item:number>/", program.program, name="program"),
    path("plans/<slug:slug>/progress/", progress.progress, name="progress"),
    path("plans/<slug:slug>/progress/<day:as_of>/", progress.round_page, name="round"),
    path("plans/<slug:slug>/compare/", comparison.comparison, name="compare"),
    path("plans/<slug:slug>/revisions/", revisions.revisions, name="revisions"),
    path("plans/<slug:slug>/revisions/<slug:key>/", revisions.revision, name="revision"),
    path("plans/<slug:slug>/effects/", effects.effects, name="effects"),
    path("plans/<slug:slug>/figures/", progress.figures, name="figures"),
]
