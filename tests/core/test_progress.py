from core.progress import heard


def test_somebody_hears_every_thousand_rows_that_they_go_on():
    seen, told = [], []
    for row in heard(range(2500), lambda: told.append(len(seen))):
        seen.append(row)
    assert (seen, told) == (list(range(2500)), [999, 1999])
