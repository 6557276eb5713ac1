"""Wake-ups and best-effort events between processes: in-process, Unix datagrams, PostgreSQL NOTIFY."""
