"""Texts that a spreadsheet would run, that break a format, or that a page might take for its own."""

TEXTS = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://elsewhere.example","ここ")',
    "+1",
    "-2+3",
    "@SUM(A1:A9)",
    "'-2 と書いた文",
    "#N/A",
    '引用"符",と;区切り',
    "一行目\n\n三行目",
    "\tタブ",
    " 前後の空白 ",
    "👩‍👩‍👧‍👦🏳️‍🌈𠮷",
    "か\u3099と は\u309a（合わせる文字）",
    "</script><b>&amp;&lt;",
    "{{ 7*7 }}{% now %}",
    "0123",
    "1e5",
    "2015-03-31",
    "TRUE",
    "長い文。" * 1000,
]
