#!/bin/sh
# Make the virtual environment .venv and install exactly what requirements.lock names, hashes checked.
# Needs Python 3.11 or newer with pip, and nothing else. Runs again only when the lock, pyproject or Python changed.
#   PYTHON=python3.12 scripts/setup.sh     use that interpreter instead of the first fitting one
set -eu
cd "$(dirname "$0")/.."
venv=.venv
stamp=$venv/.installed

say() { printf '\033[1m%s\033[0m\n' "setup: $*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 2; }
fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if fits "$candidate"; then echo "$candidate"; return; fi
    done
    fail "needs Python 3.11 or newer on PATH (or PYTHON=/path/to/python3.11)"
}

# What the environment is made from: when this changes, it is installed anew.
fingerprint() { cat requirements.lock pyproject.toml scripts/setup.sh | cksum; }

# Debian without python3-venv has no ensurepip: then the outer pip installs into the new environment.
make_venv() {
    if "$1" -m venv "$venv" >/dev/null 2>&1; then return; fi
    rm -rf "$venv"
    "$1" -m venv --without-pip "$venv" || fail "$1 cannot make a virtual environment (no venv module)"
    "$1" -m pip --python "$venv/bin/python" install --quiet pip || fail "$1 has no pip to install with"
}

install_with_uv() {
    lock_of_uv=$venv/uv.lock.txt
    sed -n '/^uv==/,/[^\\]$/p' requirements.lock > "$lock_of_uv"
    "$venv/bin/python" -m pip install --quiet --no-deps --require-hashes -r "$lock_of_uv" || return 1
    VIRTUAL_ENV=$venv "$venv/bin/uv" pip install --require-hashes -r requirements.lock
}

install_with_pip() { "$venv/bin/python" -m pip install --require-hashes -r requirements.lock; }

if [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ] && "$venv/bin/python" -c '' 2>/dev/null; then exit 0; fi

if ! { [ -x "$venv/bin/python" ] && fits "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    say "making $venv with $("$python" --version) ($python)"
    rm -rf "$venv"
    make_venv "$python"
fi
say "installing $(grep -c '^[a-z].*==' requirements.lock) locked packages (about 0.9 GB with the speech models)"
install_with_uv || { say "uv cannot be used here, going on with pip (slower)"; install_with_pip; }
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
fingerprint > "$stamp"
say "ready: $venv/bin/voice-engine --help"
