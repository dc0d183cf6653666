#!/bin/sh
# Makes .venv and installs locks into it: `deploy/bootstrap.sh demo`, `... dev`, `... node`.
# Each lock is installed when it changed, from hashes only; otherwise this ends at once.
# `... train` adds torch, by its version (requirements/train.in says why); `... trackeval` what
# benchmarks score tracks with.
set -eu
cd "$(dirname "$0")/.."
stamps=.venv/.stamps

fail() {
    printf 'bootstrap: %s\n' "$1" >&2
    exit 1
}

# Root, or sudo without a password, may install Debian packages; DONGSEON_NO_INSTALL forbids it.
install_packages() {
    if [ -n "${DONGSEON_NO_INSTALL:-}" ] || ! command -v apt-get >/dev/null; then return 1; fi
    if [ "$(id -u)" -eq 0 ]; then
        sh deploy/local/install-packages.sh "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n sh deploy/local/install-packages.sh "$@"
    else
        return 1
    fi
}

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

make_venv() {
    python=$(find_python)
    if [ -z "$python" ]; then
        # Only Ubuntu 22.04's own Python is older than 3.11, and it has 3.11 beside it.
        packages="python3 python3-venv"
        if grep -qs 'VERSION_ID="22.04"' /etc/os-release; then
            packages="python3.11 python3.11-venv"
        fi
        # shellcheck disable=SC2086 # a list of names, split on purpose
        install_packages $packages >&2 || true
        python=$(find_python)
        [ -n "$python" ] || fail "Python 3.11 or newer is needed: sudo apt-get install $packages"
    fi
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        install_packages "$package" >&2 || fail "venv is missing: sudo apt-get install $package"
    fi
    echo "making .venv with $("$python" --version)"
    "$python" -m venv .venv
}

fingerprint() {
    case $1 in
    train) files=requirements/train.in ;;
    trackeval) files=requirements/trackeval.in ;;
    *) files="requirements/$1.txt requirements/build.txt pyproject.toml" ;;
    esac
    # shellcheck disable=SC2086 # a list of names, split on purpose
    cat $files | sha256sum | cut -d' ' -f1
}

is_installed() {
    [ "$(cat "$stamps/$1" 2>/dev/null)" = "$(fingerprint "$1")" ]
}

install_train() {
    echo "installing requirements/train.in"
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet \
        --only-binary :all: -r requirements/train.in
}

install_trackeval() {
    echo "installing requirements/trackeval.in"
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet \
        --require-hashes --only-binary :all: --no-deps -r requirements/trackeval.in
}

install_lock() {
    echo "installing requirements/$1.txt"
    .venv/bin/python -m pip install --disable-pip-version-check --no-input \
        --require-hashes --only-binary :all: -r "requirements/$1.txt"
}

install_project() {
    install_lock build
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet \
        --no-deps --no-build-isolation --editable .
}

bootstrap() {
    lock=$1
    [ -f "requirements/$lock.txt" ] || [ "$lock" = train ] || [ "$lock" = trackeval ] ||
        fail "there is no lock requirements/$lock.txt"
    # dev holds all that demo holds, in the same versions.
    if is_installed "$lock" || { [ "$lock" = demo ] && is_installed dev; }; then return; fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv
    case $lock in
    train) install_train ;;
    trackeval) install_trackeval ;;
    node) install_lock node ;;
    *) install_lock "$lock" && install_project ;;
    esac
    mkdir -p "$stamps"
    fingerprint "$lock" >"$stamps/$lock"
}

[ $# -gt 0 ] || fail "name a lock: demo, dev or node; or train, trackeval"
for name in "$@"; do bootstrap "$name"; done
