"""Accounts for trying the product out, one per role. Their passwords are public, so only on a developer's machine."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import roles
from accounts.models import Department, Membership, User
from committee.models import CommitteeMember
from core.text import display_width
from demo.production import LOCAL_HOSTS
from policies.models import Plan

DEPARTMENT = {"city": "小平市", "code": "demo"}
DEPARTMENT_NAME = "行財政課（実演用）"
# A department of the fictional city, joined as well when that city is there.
SAMPLE_DEPARTMENT = {"city": "見本市", "code": "sangyo"}
SUPERUSER = "admin"
# username (also the role) → name; the password is the username with "-demo".
PEOPLE = {
    roles.REPORTER: "推進 花子（実演用）",
    roles.OFFICE: "行政 太郎（実演用）",
    roles.COMMITTEE: "委員 一郎（実演用）",
    roles.VIEWER: "閲覧 次郎（実演用）",
    SUPERUSER: "管理 三郎（実演用）",
}
DUTIES = roles.DESCRIPTIONS | {SUPERUSER: "システム管理者。利用者の管理を含むすべて。"}
IN_DEPARTMENT = (roles.REPORTER, roles.VIEWER)


class Command(BaseCommand):
    help = "役割ごとに一つずつ、実演用の利用者を作り、パスワードを表示します（DEBUG=1 のときだけ）。"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG or set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS:
            raise CommandError(
                "実演用の利用者はパスワードが公開されているため、この端末だけで動かすとき（DEBUG=1、ALLOWED_HOSTS は既定値）"
                "にしか作れません。本番では「manage.py createsuperuser」で利用者を作ってください。"
            )
        with transaction.atomic():
            department = Department.objects.get_or_create(**DEPARTMENT, defaults={"name": DEPARTMENT_NAME, "order": 1})[
                0
            ]
            departments = [department, *Department.objects.filter(**SAMPLE_DEPARTMENT)]
            rows = [self.account(username, departments) for username in PEOPLE]
            self.seat()
        self.table(("利用者名", "パスワード", "氏名", "できること"), rows)
        names = "と".join(f"{one.city}の「{one}」" for one in departments)
        self.stdout.write(f"reporter と viewer は、{names}に所属しています。")

    def account(self, username: str, departments: Sequence[Department]) -> tuple[str, str, str, str]:
        """Make the account if it is missing; an existing one stays as its owner left it. Returns its row of the table."""
        shown = password = f"{username}-demo"
        user, created = User.objects.get_or_create(
            username=username,
            defaults={
                "name": PEOPLE[username],
                "email": f"{username}@example.jp",
                "is_staff": True,
                "is_superuser": username == SUPERUSER,
            },
        )
        if created:
            user.set_password(password)
            user.save()
            if username != SUPERUSER:
                user.groups.add(Group.objects.get(name=username))
            if username in IN_DEPARTMENT:
                for department in departments:
                    Membership.objects.create(user=user, department=department)
        elif not user.check_password(password):
            shown = "（変更済み。そのままにしました）"
        return username, shown, user.name, DUTIES[username]

    def seat(self) -> None:
        """The committee's account is the chair of every plan that has no members yet."""
        user = User.objects.filter(username=roles.COMMITTEE, groups__name=roles.COMMITTEE).first()
        if user is not None:
            for plan in Plan.objects.filter(members=None):
                CommitteeMember.objects.create(plan=plan, user=user, is_chair=True)

    def table(self, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        widths = [max(display_width(row[column]) for row in (header, *rows)) for column in range(len(header) - 1)]
        for row in (header, *rows):
            cells = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write("  ".join([*cells, row[-1]]))
