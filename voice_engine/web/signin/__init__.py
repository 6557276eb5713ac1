"""The built-in sign-in pages: templates, words in two languages, one style sheet. No script."""
