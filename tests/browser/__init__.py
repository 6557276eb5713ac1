"""The web app in a real Chromium, on a really served installation. `make browser` runs them."""
