"""The forms of the admin that people fill in, by the label of their model."""

from django.contrib import admin

from staff.record_pages import RecordPages

FORMS = {
    model._meta.label_lower: one
    for model, one in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label_lower)
    if isinstance(one, RecordPages) and not one.has_own_page
}
# What acts alone write: their pages only show it.
ONLY_READ = {
    *("programs.contenterratum", "programs.indicatortarget", "programs.latecontent", "programs.planindicatorerratum"),
    *("programs.yearplan", "reviews.publishedreport", "reviews.redaction", "reviews.reporterratum"),
    *("reviews.settlement", "workbooks.surveyupload"),
}
