"""The ledger: what was ordered, paid and shown. SQLite by default, PostgreSQL where DATABASE_URL says so."""
