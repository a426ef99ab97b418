"""The sample plan of the fictional city 見本市: its files as tables of the plan workbook, its rounds by the acts."""
