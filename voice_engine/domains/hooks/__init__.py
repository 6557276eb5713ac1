"""Outgoing webhooks: an organization's endpoints, and what happens in its calls delivered to them, signed."""
