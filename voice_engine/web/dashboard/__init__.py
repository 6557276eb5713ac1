"""The web app under `/app`: server-rendered pages over the domains' services, no build step."""
