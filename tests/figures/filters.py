"""What the filters of the item list find, read from the page."""

from tests.reading import items_of, read

LIST = "/plans/kodaira-2/programs"


def numbers_on_page(client, query):
    response = client.get(f"{LIST}/{query}")
    assert response.status_code == 200
    page = read(response)
    shown = [row[0].removesuffix("仮") for row in items_of(page.tables[0])] if page.tables else []
    # Item 3 has no name: a list that nobody searched says only that there is one more.
    return [*shown, "3"] if "方針1 財政基盤の強化：ほか1項目（名称未登録）" in page.texts["li"] else shown


# Item 1 is a key program of 2014 (see `keys`).
FOUND = {
    "?key=yes": ["1"],
    "?key=no&policy=1": ["3"],
    "?key=2014": ["1"],
    "?key=2013": [],
    "?key=2014&round=2014-09-30": ["1"],
    "?key=no&round=2014-09-30": ["2", "3"],
    "": ["1", "2", "3"],
    "?": ["1", "2", "3"],
    "?q=&policy=&department=&grade=&round=": ["1", "2", "3"],
    "?policy=1": ["1", "3"],
    "?department=zeimu": ["2"],
    "?grade=S": ["1"],
    "?grade=A": [],
    "?grade=unreported": ["3"],
    "?grade=A&round=2014-09-30": ["1"],
    "?grade=S&round=2014-09-30": ["2"],
    "?policy=1&grade=S&department=zaisei&round=2015-03-31": ["1"],
    "?policy=2&grade=S": [],
    "?policy=1&policy=2": ["1", "2", "3"],
    "?policy=1&policy=&policy=1": ["1", "3"],
    "?grade=S&grade=B": ["1", "2"],
    "?change=better": ["1"],
    "?change=worse&round=2015-03-31": ["2"],
    "?change=same": [],
    "?change=better&change=worse": ["1", "2"],
    "?change=worse&round=2014-09-30": [],  # the first round is compared with nothing
    "?was=A": ["1"],
    "?was=unreported&since=2014-09-30&round=2015-03-31": ["3"],
    "?lead=zaisei": ["1", "3"],
    "?lead=zaisei&sort=department&round=2014-09-30": ["1", "3"],
    "?lead=-&round=2015-03-31": [],
    "?cause=-": ["2"],
    "?cause=-&round=2015-03-31": ["2"],
    "?grade=unreported&grade=B": ["2", "3"],
    "?grade=unreported&grade=B&round=2015-03-31": ["2", "3"],
    "?department=zeimu&department=zaisei&grade=S": ["1"],
    "?department=zeimu&department=zaisei&round=2014-09-30": ["1", "2", "3"],
    "?key=2014&key=no": ["1", "2", "3"],
    "?key=2013&key=2014": ["1"],
    "?fbclid=x&policy=2": ["2"],
    "?q=項目2": ["2"],
    "?q=３": ["3"],
    "?q=とりくみ": [],
    "?q=%E3%80%80": ["1", "2", "3"],  # only an ideographic space
    "?q=%25": [],  # a percent sign is no wildcard
    "?q=_": [],
    "?utm_source=mail&policy=2": ["2"],
    "?page=1&policy=2": ["2"],
}
