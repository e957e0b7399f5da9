"""Stripe.js, put together from the modules in `sdk/` into one classic script."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "sdk"
PARTS = (
    "home",
    "refusal",
    "rules",
    "words",
    "frame",
    "inside",
    "listeners",
    "room",
    "place",
    "hearing",
    "intents",
    "modal",
    "next_action",
    "element",
    "elements",
    "payment",
    "card",
    "stripe",
)

_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)


def bundle() -> str:
    """The script; it defines the global `Stripe` and nothing else."""
    modules = [(_FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS]
    code = "\n".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules)
    return f'(() => {{\n"use strict";\n{code}\nwindow.Stripe = Stripe;\n}})();\n'
