"""The main script of every worker process.

    python -I …/policysearch/parallel/bootstrap.py MODULE FUNCTION NUMBERS PATH…

Calls ``MODULE.FUNCTION(*NUMBERS)``, with PATH as ``sys.path``. The file is run
by its path with ``-I``, so that Python looks for modules neither in the current
folder nor in PYTHONPATH; and the package is the one that contains this file,
even if there is another of the same name.
"""

import sys

__all__ = ["worker_command"]


def worker_command(module: str, function: str, *numbers: int) -> list[str]:
    """Return the command line of a worker process that calls a function of this package with these arguments."""
    import os

    from policysearch.parallel.import_path import safe_path

    # -I ignores Python's environment variables; these settings matter to the worker too
    settings = ["-X", f"utf8={sys.flags.utf8_mode}"]
    if sys.dont_write_bytecode:
        settings.append("-B")
    if sys.pycache_prefix is not None:
        settings += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    place = os.path.abspath(__file__)
    return [sys.executable, "-I", *settings, place, module, function, ",".join(map(str, numbers)), *safe_path()]


def _main() -> None:
    import os
    from importlib import import_module
    from importlib.util import module_from_spec, spec_from_file_location

    module, function, numbers, *path = sys.argv[1:]
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    spec = spec_from_file_location(
        "policysearch", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    package = module_from_spec(spec)
    sys.modules["policysearch"] = package
    sys.path[:] = path
    spec.loader.exec_module(package)
    getattr(import_module(module), function)(*map(int, filter(None, numbers.split(","))))


if __name__ == "__main__":
    _main()
