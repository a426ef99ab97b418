"""Reading the tables that people send, in whatever form: cells as the person saw them. Knows no app and no database."""
