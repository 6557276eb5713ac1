"""Words of the settings, page by page, in both languages."""
