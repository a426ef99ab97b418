"""Departments that the office adds."""

from accounts.models import Department
from tests.staff.addresses import list_url
from tests.staff.files import xlsx


def test_the_office_adds_them_at_the_end_by_form_and_by_list(client, cast, take_in):
    Department.objects.filter(code="zaisei").update(order=2)
    Department.objects.filter(code="zeimu").update(order=1)
    client.force_login(cast.office)
    typed = {"city": "小平市", "valid_from": "", "valid_to": "", "successor": ""}
    form = list_url("accounts.department", "add/")
    assert client.post(form, typed | {"code": "aaa", "name": "A課", "order": ""}).status_code == 302
    assert client.post(form, typed | {"code": "bbb", "name": "B課", "order": "9"}).status_code == 302
    rows = [["自治体", "コード", "名称", "並び順"], ["小平市", "d", "D課", None], ["小平市", "c", "C課", 5]]
    take_in("accounts.department", xlsx(rows))
    assert [(one.code, one.order) for one in Department.objects.all()] == [
        ("zeimu", 1),
        ("zaisei", 2),
        ("aaa", 3),
        ("c", 5),
        ("bbb", 9),
        ("d", 10),
    ]
    assert "並び順" in client.get(list_url("accounts.department")).content.decode()
