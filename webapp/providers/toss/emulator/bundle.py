"""The browser SDKs, put together from the modules in `sdk/` into one classic script each."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "sdk"
_SHARED = ("home", "refusal", "rules", "frame", "window", "request")
PARTS = {"v2": (*_SHARED, "panes", "widgets", "v2"), "v1": (*_SHARED, "v1")}

_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)


def bundle(version: str) -> str:
    """The script of SDK `v2` or `v1`; it defines the global `TossPayments` and nothing else."""
    modules = [(_FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS[version]]
    code = "\n".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules)
    return f'(() => {{\n"use strict";\n{code}\nwindow.TossPayments = TossPayments;\n}})();\n'
