"""All SQL of the calls domain: `calls` and their queue, `attempts` to dial, `journal` of events, `commands`."""
