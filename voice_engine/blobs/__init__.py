"""Blobs by key: a directory or an S3-compatible service, and the signed URLs that open them."""
