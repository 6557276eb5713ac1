"""What a business has written down or uploaded: sections, their files, and the index that calls search."""
