# Sourced by the scripts beside it: makes .venv with this package in it, once. Works with bash 3.2 (macOS).
#
#   root                    the repository's folder
#   environment NAME EXTRAS makes or mends .venv; NAME keeps apart what was installed for whom. For EXTRAS "dev" it has
#                           the very files that requirements.lock names, else what setup.cfg allows
#   use_python VERSION      environment then makes .venv-VERSION, with that Python
#   found_versions          prints the versions that use_python would find, the oldest first

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
venv="$root/.venv"
python="$venv/bin/python"

say() { printf '%s\n' "$*" >&2; }

# -I: no Python that is started here looks for modules in the current folder, whatever lies there.

is_new_enough() { "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

candidates=(python3 python3.14 python3.13 python3.12 python3.11 python3.10 python)

# Use a version of Python, such as 3.13, in an environment of its own beside the usual one. pyenv's are found too.
use_python() {
    venv="$root/.venv-$1"
    python="$venv/bin/python"
    candidates=("python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1"*/bin/python3)
}

# What is printed is a version such as 3.10 on each line; one without the modules that make an environment is left out.
found_versions() (
    for version in 3.10 3.11 3.12 3.13 3.14; do
        use_python "$version"
        for name in "${candidates[@]}"; do
            found="$(command -v "$name" 2>/dev/null)" || continue
            "$found" -I -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null ||
                continue
            printf '%s\n' "$version"
            break
        done
    done
)

# Make the folder with the first Python that is new enough and can do it.
make_venv() {
    local name found without=""
    for name in "${candidates[@]}"; do
        found="$(command -v "$name" 2>/dev/null)" || continue
        is_new_enough "$found" || continue
        if ! "$found" -I -c 'import venv, ensurepip' 2>/dev/null; then
            without="${without:-$found}"
            continue
        fi
        say "Making ${venv##*/} with $found …"
        "$found" -I -m venv --clear "$venv" >&2 && return 0
        say "Error: '$found -m venv' could not make '$venv'."
        return 1
    done
    if [ -n "$without" ]; then
        say "Error: $without lacks the modules venv and ensurepip. Install them (on Debian and Ubuntu: apt install python3-venv)."
    elif [ "$venv" != "$root/.venv" ]; then
        say "Error: ${candidates[0]} was not found, or is older than 3.10."
    else
        say "Error: Python 3.10 or newer is needed, and none was found. Install it from https://www.python.org/downloads/"
    fi
    return 1
}

# What an installation depends on; when it changes, pip runs again.
wanted_stamp() { printf '%s\n' "$root" "$1" && cat "$root/setup.cfg" "$root/pyproject.toml" "$root/requirements.lock"; }

install() { (cd "$root" && "$python" -I -m pip install --quiet --disable-pip-version-check --no-input "$@" >&2); }

# What is built from source is built by the locked setuptools: pip would fetch another one that no hash vouches for. uv
# takes a sixth of pip's time; where it fails, as it knows nothing of pip's settings, pip does the same.
install_locked() {
    local build="$venv/.build-requirements"
    awk '/^[^ #]/ { wanted = /^(setuptools|uv)==/ } wanted' "$root/requirements.lock" >"$build"
    install --require-hashes -r "$build" && {
        (cd "$root" && "$python" -I -m uv pip install --quiet --python "$python" --require-hashes --no-build-isolation \
            --compile-bytecode -r requirements.lock >&2) || {
            say "uv could not install it (see above); pip tries …"
            install --require-hashes --no-build-isolation --use-pep517 -r requirements.lock
        }
    } && install --no-deps --no-build-isolation -e .
}

environment() {
    local stamp="$venv/.installed-$1" extras="$2"
    if [ -x "$python" ] && [ -f "$stamp" ] && wanted_stamp "$extras" | cmp -s - "$stamp"; then
        return 0
    fi
    # nothing there, made by a Python that is gone or too old, or left half made
    if ! { [ -x "$python" ] && is_new_enough "$python" && "$python" -I -c 'import pip' 2>/dev/null; }; then
        make_venv || return 1
    fi
    say "Installing policysearch into ${venv##*/} …"
    if [ "$extras" = dev ]; then set -- install_locked; else set -- install -e ".[$extras]"; fi
    if ! "$@"; then
        say "Error: the installation failed (see above). It needs the network; run this again to go on."
        return 1
    fi
    # last, so that an interrupted run is repaired by the next
    wanted_stamp "$extras" >"$stamp.new" && mv "$stamp.new" "$stamp"
}
