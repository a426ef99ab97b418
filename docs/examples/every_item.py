"""すべての実施項目の評価を、API から 1 ページずつ読みます。Python だけで動きます。

使い方: python every_item.py https://plan.city.example kodaira-2
"""

import json
import sys
from urllib.request import urlopen

site, plan = sys.argv[1:3]
address = f"{site}/api/v1/plans/{plan}/programs?per_page=50"
while address:
    with urlopen(address) as answer:
        page = json.load(answer)
    for item in page["items"]:
        print(item["number"], item["name"] or "項目名 未登録", item["grade_label"] or "未登録")
    address = page["next"]
