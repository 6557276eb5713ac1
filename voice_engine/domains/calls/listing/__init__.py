"""Every call of an organization, both ways: filtered, searched, paged."""
