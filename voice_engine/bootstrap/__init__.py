"""The composition root: settings in, a working engine and service out. The only place that names adapters."""

from voice_engine.bootstrap.engine import Providers, call_services, calls_dir, open_providers

__all__ = ["Providers", "call_services", "calls_dir", "open_providers"]
