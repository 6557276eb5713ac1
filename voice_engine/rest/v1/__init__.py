"""The KallyAI surface, `/v1`: one package a resource, each with its routes and its wire schemas."""
