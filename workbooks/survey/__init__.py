"""調査票: one Excel file per department and round, out to people and back in.

`sheet` writes it, `reading` reads what came back, `changes` compares that with what was downloaded and with what is stored
now, `acts` confirms and undoes. A cell has a name within its report (`cells`), and a sheet keeps a hash of every cell as
it was downloaded, so a cell that nobody touched is never taken for an entry.
"""
