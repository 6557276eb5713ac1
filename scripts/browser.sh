#!/bin/sh
# What browser tests need beside Python: Chromium (Debian's package) and axe-core from the npm registry.
set -eu
cd "$(dirname "$0")/.."
AXE=4.14.1
BROWSER="${BROWSER:-/usr/bin/chromium}"
if [ ! -x "$BROWSER" ]; then
  echo "browser: installing Debian's chromium"
  apt-get install -y --no-install-recommends chromium
fi
if [ ! -f ".browser/axe-$AXE.min.js" ]; then
  mkdir -p .browser
  (cd .browser && npm pack --silent "axe-core@$AXE" >/dev/null && tar xzf "axe-core-$AXE.tgz" package/axe.min.js)
  mv .browser/package/axe.min.js ".browser/axe-$AXE.min.js"
  rm -r .browser/package ".browser/axe-core-$AXE.tgz"
fi
