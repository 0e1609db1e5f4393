"""`opscope info PROGRAM`: what is in a saved graph."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failure import CommandError

if TYPE_CHECKING:
    from ...engine import Program


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("program", type=Path, metavar="PROGRAM", help="a saved graph")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print it.

    Raises:
        CommandError: the program cannot be opened.
    """
    info = describe(load_program(arguments.program))
    print(json.dumps(info, allow_nan=False) if arguments.json else as_text(info))
    return 0


def load_program(path: Path) -> Program:
    """The program at `path`. Raises CommandError if there is none."""
    from ...engine import load
    from ...engine.errors import OpscopeError

    try:
        return load(path)
    except OpscopeError as error:
        raise CommandError(str(error)) from None


def describe(program: Program) -> dict[str, Any]:
    """What `--json` prints."""
    from ..graph_json import dtype_text, shape_json

    def tensor(info: Any) -> dict[str, Any]:
        return {
            "name": info.name,
            "dtype": dtype_text(info.dtype),
            "shape": shape_json(info.shape),
        }

    return {
        "name": program.name,
        "nodes": len(program.graph.operations),
        "functions": len(program.graph.functions),
        "ops": dict(Counter(op.type for op in program.graph.operations).most_common()),
        "unsupported": dict(program.unsupported),
        "variables": [
            {**tensor(variable), "kind": variable.kind} for variable in program.variables
        ],
        "placeholders": [tensor(placeholder) for placeholder in program.placeholders],
        "signatures": {
            name: {
                "inputs": {key: tensor(info) for key, info in signature.inputs.items()},
                "outputs": {key: tensor(info) for key, info in signature.outputs.items()},
            }
            for name, signature in program.signatures.items()
        },
        "initializers": list(program.initializers),
    }


def as_text(info: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"{info['name']}: {info['nodes']:,} nodes"]
    if info["functions"]:
        lines[0] += f", {info['functions']:,} functions"

    def section(title: str, rows: list[str]) -> None:
        if rows:
            lines.extend([f"{title}:", *(f"  {row}" for row in rows)])

    section("Ops", [f"{type}: {count:,}" for type, count in info["ops"].items()])
    section("Cannot run", [f"{type}: {count:,}" for type, count in info["unsupported"].items()])
    section("Variables", [f"{_tensor_text(v)}, {v['kind']}" for v in info["variables"]])
    section("Placeholders", [_tensor_text(p) for p in info["placeholders"]])
    for name, signature in info["signatures"].items():
        rows = [
            f"{direction} {key}: {_tensor_text(tensor)}"
            for direction in ("inputs", "outputs")
            for key, tensor in signature[direction].items()
        ]
        section(f"Signature {name}", [row.replace("puts", "put", 1) for row in rows])
    section("Initialisers", info["initializers"])
    return "\n".join(lines)


def _tensor_text(tensor: dict[str, Any]) -> str:
    shape = tensor["shape"]
    text = "?" if shape is None else ", ".join("?" if n is None else str(n) for n in shape)
    return f"{tensor['name']} {tensor['dtype']} [{text}]"
