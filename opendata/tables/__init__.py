"""Files for analysts. All of them are written from the rows of figures/datasets.py."""
