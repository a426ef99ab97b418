"""People and departments in the admin. Only superusers reach the people: no role has rights to them."""

from copy import copy
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm, UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts import departments, people
from accounts.models import Department, Membership, User
from accounts.roles import DESCRIPTIONS
from core.acts import WrongState
from core.fiscal import era_date
from staff.base import StaffAdmin, person, tell_beside_fields
from staff.fields import CountedField, DayField, TextField, choose_from
from staff.lines import RecordLines
from staff.lists import ListResource, Several, plain_columns

# What a role may do is written in accounts/roles.py and restored after every migrate; a page to edit it would mislead.
admin.site.unregister(Group)


class RoleField(forms.ModelMultipleChoiceField):
    """The four roles with what they are for."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}: {DESCRIPTIONS.get(obj.name, '')}"


class NameField(CountedField, UsernameField):
    """The name with which a person signs in."""


class PersonForm(UserChangeForm):
    groups = RoleField(Group.objects.order_by("pk"), label="役割", required=False)

    class Meta(UserChangeForm.Meta):
        model = User
        field_classes = {"username": NameField}

    def _post_clean(self) -> None:
        """Where the record has what was typed."""
        super()._post_clean()  # type: ignore[misc]
        try:
            people.require_superuser_left(self.instance)
        except ValidationError as error:
            self.add_error(None, error)


class NewPasswordForm(AdminPasswordChangeForm):
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned["set_usable_password"]:
            without = copy(self.user)
            without.set_unusable_password()
            try:
                people.require_superuser_left(without)
            except ValidationError as error:
                self.add_error("usable_password", error)
        return cleaned


class NewPersonForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "name", "email")
        field_classes = {"username": NameField}


class DepartmentField(forms.ModelChoiceField):
    """A department with its city: two cities may both have a 財政課."""

    def label_from_instance(self, obj: Department) -> str:
        return f"{obj}（{obj.city}）"


class DepartmentInline(admin.StackedInline):
    """Lines that each choose a department; the choices are read once for all lines."""

    formset = RecordLines
    extra = 0

    def departments(self, request: HttpRequest) -> QuerySet[Department]:
        return Department.objects.all()

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name != "department":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        kwargs |= {"queryset": self.departments(request), "form_class": DepartmentField}
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.choices = list(field.choices)
        return field


class MembershipInline(DepartmentInline):
    model = Membership

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "department")


class PersonResource(ListResource):
    """Only written. Who may sign in is decided person by person, not by a file."""

    groups = Several("groups", "役割", Group, read=lambda person: person.groups.all())

    class Meta:
        model = User
        fields = ("username", "name", "email", "is_active", "groups")

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.prefetch_related("groups")


@admin.register(User)
class PersonAdmin(StaffAdmin, UserAdmin):
    resource_classes = [PersonResource]
    form = PersonForm
    add_form_template = "staff/add_person.html"
    add_form = NewPersonForm
    change_password_form = NewPasswordForm
    inlines = [MembershipInline]
    list_display = ["username", "name", "email", "role_names", "department_names", "is_active", "last_login"]
    list_filter = ["is_active", "groups", ("departments", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["username", "name", "email"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = (
        (None, {"fields": ["username", "password", "name", "email"]}),
        (
            "できること",
            {
                "fields": ["is_active", "is_staff", "groups", "is_superuser"],
                "description": "異動・退職した人は「有効」を外します。履歴に名前を残すため、利用者は削除できません。",
            },
        ),
        ("記録", {"fields": ["last_login", "date_joined"]}),
    )
    add_fieldsets = (
        (None, {"fields": ["username", "name", "email", "usable_password", "password1", "password2", "is_staff"]}),
    )

    def has_import_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # who has acted is named by the history: deactivated, not deleted

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        return super().user_change_password(request, id, form_url)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True}

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups", "memberships__department")

    @admin.display(description="役割")
    def role_names(self, person: User) -> str:
        return "、".join(group.name for group in person.groups.all())

    @admin.display(description="所属")
    def department_names(self, person: User) -> str:
        return "、".join(str(membership.department) for membership in person.memberships.all())


class DepartmentResource(ListResource):
    class Meta:
        model = Department
        fields = plain_columns(Department)

    def before_save_instance(self, instance: Department, row: Any, **kwargs: Any) -> None:
        if instance.pk is None:
            departments.place_last(instance)
        super().before_save_instance(instance, row, **kwargs)


class HandOverForm(forms.Form):
    """A department gets a new name, or another one goes on with its work."""

    on = DayField(
        label="改称・統合の日", help_text="例: 2014-04-01、平成26年4月1日。前の部署は、その前日で終わります。"
    )
    into = DepartmentField(
        Department.objects.none(),
        label="統合先の部署",
        required=False,
        empty_label="－",
        help_text="ほかの部署に統合するときに選びます。改称のときは選びません。",
    )
    code = forms.SlugField(label="新しいコード", required=False, max_length=40, help_text="改称のとき。半角英数字。")
    name = TextField(label="新しい名称", required=False, max_length=100, help_text="改称のとき。")

    def __init__(self, department: Department, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.department = department
        others = Department.objects.filter(city=department.city, successor=None).exclude(pk=department.pk)
        choose_from(self, "into", others)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("into") and (cleaned.get("code") or cleaned.get("name")):
            self.add_error("into", "統合先を選ぶときは、新しいコードと名称を空欄にしてください。")
        elif not cleaned.get("into") and not {"into", "code", "name"} & set(self.errors):
            for field in ("code", "name"):
                if not cleaned.get(field):
                    self.add_error(field, "改称のときは入力してください。統合のときは統合先を選んでください。")
        return cleaned

    def act(self, by: User) -> Department:
        """Of a valid form. Raises what the acts raise."""
        typed = self.cleaned_data
        if typed["into"]:
            return departments.merge([self.department], typed["into"], on=typed["on"], by=by)
        return departments.rename(self.department, code=typed["code"], name=typed["name"], on=typed["on"], by=by)


@admin.register(Department)
class DepartmentAdmin(StaffAdmin):
    change_form_template = "staff/department/change_form.html"
    resource_classes = [DepartmentResource]
    list_display = ["code", "name", "city", "order", "period", "successor", "people"]
    list_display_links = ["code", "name"]
    list_filter = ["city"]
    list_select_related = ["successor"]
    search_fields = ["code", "name"]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, form_class=DepartmentField, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        return super().get_queryset(request).annotate(people_count=Count("memberships"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.hand_over_view)
        return [path("<int:pk>/hand-over/", view, name="accounts_department_hand_over"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        department = kwargs.get("obj")
        context["can_hand_over"] = department is not None and department.successor_id is None
        return super().render_change_form(request, context, **kwargs)

    def save_model(self, request: HttpRequest, obj: Department, form: Any, change: bool) -> None:
        if not change:
            departments.place_last(obj)
        super().save_model(request, obj, form, change)

    def hand_over_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        department = self.get_queryset(request).filter(pk=pk).first()
        if department is None:
            raise Http404
        form = HandOverForm(department, request.POST if request.method == "POST" else None)
        error = ""
        if request.method == "POST" and form.is_valid():
            try:
                successor = form.act(person(request))
            except WrongState as refused:
                error = str(refused)
            except ValidationError as refused_fields:
                tell_beside_fields(form, refused_fields)
            else:
                done = f"「{department}」を「{successor}」に引き継ぎました。所属の人も移しました。"
                self.log_change(request, department, done)
                messages.success(request, done)
                return redirect("admin:accounts_department_change", successor.pk)
        return self.act_page(
            request,
            "staff/department/hand_over.html",
            status=400 if request.method == "POST" else 200,
            original=department,
            title="改称・統合",
            form=form,
            error=error,
        )

    @admin.display(description="設置から廃止まで")
    def period(self, department: Department) -> str:
        first, last = department.valid_from, department.valid_to
        return (f"{era_date(first)}から" if first else "") + (f"{era_date(last)}まで" if last else "")

    @admin.display(description="利用者", ordering="people_count")
    def people(self, department: Department) -> str:
        return f"{department.people_count}人"  # type: ignore[attr-defined]
