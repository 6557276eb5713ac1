"""The database: one engine a process, units of work with a tenant, and the tables that belong to no domain."""
