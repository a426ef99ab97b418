"""What an edition says about an item, found and written around every act."""

from programs.models import Indicator, IndicatorTarget, ProgramEdition, YearPlan


def content(plan, number, key):
    return ProgramEdition.objects.get(program__plan=plan, program__number=str(number), edition__key=key)


def write(plan, number, key, plans=None, targets=None, **texts):
    """What an edition says about an item: year plans {year: text} and targets of its first indicator {year: value}."""
    found = content(plan, number, key)
    ProgramEdition.objects.filter(pk=found.pk).update(**texts)
    for year, text in (plans or {}).items():
        YearPlan.objects.create(program_edition=found, fiscal_year=year, text=text)
    for year, value in (targets or {}).items():
        indicator, _ = Indicator.objects.get_or_create(
            program=found.program, number=1, defaults={"name": "収納率", "unit": "%"}
        )
        IndicatorTarget.objects.create(indicator=indicator, edition=found.edition, fiscal_year=year, value=value)
