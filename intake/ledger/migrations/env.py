"""
What Alembic runs for each upgrade: on the connection, and within the transaction, that intake.ledger.migrate gives it.
"""

from __future__ import annotations

from alembic import context

# transactional_ddl: Alembic takes SQLite for a database without it, and would begin no transaction where the caller has
# begun none.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
