"""An organization's own accounts at providers of speech and language models: kept sealed, tried, used by calls."""
