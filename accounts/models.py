"""People and departments. Knows nothing of plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords


def taken_over(department: int, following: Mapping[int, int | None]) -> tuple[int, ...]:
    """The ids of those that took a department over, one after the other. `following` names the next of each; a circle ends
    where it closes."""
    chain = [department]
    while (successor := following.get(chain[-1])) is not None and successor not in chain:
        chain.append(successor)
    return tuple(chain[1:])


class DepartmentQuerySet(models.QuerySet["Department"]):
    def with_predecessors(self, departments: Iterable[int]) -> set[int]:
        """Ids of the given departments and of all that were renamed or merged into them: what they own today."""
        successors = defaultdict(set)
        for pk, successor in self.model._default_manager.exclude(successor=None).values_list("pk", "successor_id"):
            successors[successor].add(pk)
        owned: set[int] = set()
        waiting = set(departments)
        while waiting:
            pk = waiting.pop()
            owned.add(pk)
            waiting |= successors[pk] - owned
        return owned

    def owners_today(self) -> dict[int, Department]:
        """Every department's id with the department that has its work today: itself, or the last of its successors.

        One query, for any number of departments.
        """
        known = {one.pk: one for one in self.model._default_manager.all()}
        following = {pk: one.successor_id for pk, one in known.items()}
        return {pk: known[(pk, *taken_over(pk, following))[-1]] for pk in known}

    def city_order(self, city: str) -> Callable[[str], tuple[int, str]]:
        """By what the codes of a city's departments are sorted: as the city lists them, then those that it does not know.
        One query."""
        places = {code: place for place, code in enumerate(self.filter(city=city).values_list("code", flat=True))}
        return lambda code: (places.get(code, len(places)), code)

    def successions(self) -> dict[int, tuple[int, ...]]:
        """Every department's id that others took over, with theirs. One query, for any number of departments."""
        following = dict(self.model._default_manager.exclude(successor=None).values_list("pk", "successor_id"))
        return {pk: taken_over(pk, following) for pk in following}


def following_order(orders: Iterable[int | None]) -> int | None:
    """The place after all others. Where one is unknown, none can be told: it would stand before that one."""
    known = list(orders)
    return None if None in known else max((order for order in known if order is not None), default=0) + 1


class Department(models.Model):
    """A department of a city, under one name. A renamed or merged department is a new one, and the old one names its successor.

    `Meta.ordering` is the order in which the city lists them; those without a place come after, by code.
    """

    city = models.CharField("自治体", max_length=50, help_text="計画の「自治体」と同じ名称。")
    code = models.SlugField("コード", max_length=40, db_index=False, help_text="半角英数字。一度決めたら変えません。")
    name = models.CharField("名称", max_length=100)
    valid_from = models.DateField("設置日", null=True, blank=True)
    valid_to = models.DateField("廃止・改称の前日", null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="引き継いだ部署",
        help_text="改称・統合したとき、今の担当となる部署。",
    )
    order = models.PositiveIntegerField(
        "並び順",
        null=True,
        blank=True,
        help_text="部署を並べるときの順（自治体の組織の順など）。空欄は未登録で、順の分かる部署のあとにコードの順で並べます。",
    )

    objects = DepartmentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "部署"
        ordering = ["city", F("order").asc(nulls_last=True), "code"]
        permissions = [("import_department", "部署を取り込める"), ("export_department", "部署を書き出せる")]
        constraints = [
            models.UniqueConstraint(name="department_code_once", fields=["city", "code"]),
            models.CheckConstraint(
                name="department_period_in_order",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                violation_error_message="廃止日は設置日より後にしてください。",
            ),
            models.CheckConstraint(
                name="department_not_its_own_successor",
                condition=Q(successor=None) | ~Q(successor=F("pk")),
                violation_error_message="引き継いだ部署に自分自身は選べません。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        seen = {self.pk}
        following = self.successor
        while following is not None:
            if following.pk in seen and following.pk is not None:
                raise ValidationError({"successor": "引き継ぎが輪になっています。今の担当となる部署を選んでください。"})
            seen.add(following.pk)
            following = following.successor


class User(AbstractUser):
    """A member of staff or of the committee. Roles are groups (accounts/roles.py); departments say whose reports."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("氏名", max_length=100)
    departments = models.ManyToManyField(
        Department, through="Membership", related_name="members", verbose_name="所属", blank=True
    )

    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        verbose_name = verbose_name_plural = "利用者"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @classmethod
    def the_import(cls) -> User:
        """The account that stands for the import of a workbook by a command, where a record needs a person. Nobody can
        sign in with it."""
        user, _created = cls.objects.get_or_create(
            username="import.plan", defaults={"name": "計画ブックの取り込み", "is_active": False, "password": "!"}
        )
        return user

    def owned_departments(self) -> set[int]:
        """Ids of the departments whose items this person answers for, those of former names included. Two queries."""
        own = Membership.objects.filter(user=self).values_list("department_id", flat=True)
        return Department.objects.with_predecessors(own)


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name="利用者")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="memberships", verbose_name="部署"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "所属"
        constraints = [models.UniqueConstraint(name="membership_once", fields=["user", "department"])]

    def __str__(self) -> str:
        return f"{self.user} / {self.department}"
