"""The revisions. What stands in one never changes once it is released: it builds the ledgers of that day."""
