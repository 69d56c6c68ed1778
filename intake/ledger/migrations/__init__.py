"""
How the ledger came to its present tables: Alembic revisions, forward only, run by intake.ledger.migrate.

A new revision is a file in versions/ named like its number; add it to intake.ledger.migrate.REVISIONS. SQLite changes a
column by building its table anew (`op.batch_alter_table`): pass the whole present table as `copy_from`, and make its
triggers again. The tests compare the result with schema.py.
"""
