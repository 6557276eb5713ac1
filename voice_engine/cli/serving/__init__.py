"""What `serve` runs: the media role alone, or the whole service."""
