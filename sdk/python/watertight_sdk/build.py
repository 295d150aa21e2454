"""Makes a component of connectors: `python -m watertight_sdk.build MODULE:NAME --wit WIT -o FILE`.

NAME is a list of connector classes. Their roles decide which interfaces the component exports; the module that
exports them is generated. Sources are copied first, because the compiler leaves byte code beside what it reads.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import metadata
from .catalogue import Described, Role

_PACKAGE = Path(__file__).resolve().parent
_ENTRY = "watertight_entry"
_WORLDS = {
    frozenset({Role.SOURCE}): "source",
    frozenset({Role.SINK}): "sink",
    frozenset({Role.SOURCE, Role.SINK}): "source-and-sink",
}


def entry(module: str, name: str, roles: frozenset[Role]) -> str:
    """The text of the module that exports the interfaces."""
    lines = [
        f"from {module} import {name} as connectors",
        "from watertight_sdk.guest.describing import catalogue",
        "Catalogue = catalogue(connectors)",
    ]
    for role in sorted(roles, key=lambda role: role.value):
        word = role.value
        lines += [
            f"from watertight_sdk.guest.{word} import {word}_connector, {word}_task",
            f"{word.title()}Connector = {word}_connector(connectors)",
            f"{word.title()}Task = {word}_task(connectors)",
        ]
    return "\n".join(lines) + "\n"


def build(plugin: str, paths: Sequence[Path], wit: Path, output: Path) -> None:
    """Builds `MODULE:NAME`, looked for in these folders, and writes the component with its metadata."""
    module, _, name = plugin.partition(":")
    with tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch) / "sources"
        shutil.copytree(_PACKAGE, stage / _PACKAGE.name, ignore=_left_out)
        for path in paths:
            shutil.copytree(path, stage, ignore=_left_out, dirs_exist_ok=True)
        sys.path.insert(0, str(stage))
        connectors: list[type[Described]] = list(getattr(importlib.import_module(module), name))
        roles = frozenset(connector.ROLE for connector in connectors)
        if roles not in _WORLDS:
            raise SystemExit(f"{plugin} holds no connectors")
        (stage / f"{_ENTRY}.py").write_text(entry(module, name, roles))
        component = Path(scratch) / "component.wasm"
        _componentize(_WORLDS[roles], wit, stage, component)
        metadata.append(component, connectors)
        arriving = output.with_name(f".{output.name}.arriving")
        shutil.copyfile(component, arriving)
        arriving.replace(output)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What is no source: byte code, tests, hidden folders and virtual environments."""
    hidden = {name for name in names if name in ("__pycache__", "tests") or name.startswith(".")}
    return hidden | {name for name in names if (Path(folder) / name / "pyvenv.cfg").exists()}


def _componentize(world: str, wit: Path, stage: Path, output: Path) -> None:
    tool = shutil.which("componentize-py", path=str(Path(sys.executable).parent)) or "componentize-py"
    command = [tool, "--quiet", "-d", str(wit), "-w", world, "componentize", _ENTRY]
    command += ["-p", str(stage), "-o", str(output)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit("componentize-py is missing; pip install componentize-py") from None
    if done.returncode != 0:
        raise SystemExit(f"componentize-py failed:\n{done.stdout}{done.stderr}".rstrip())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m watertight_sdk.build", description=__doc__)
    parser.add_argument("plugin", metavar="MODULE:NAME", help="a list of connector classes")
    parser.add_argument("--path", type=Path, action="append", help="folder of its sources (default: here)")
    parser.add_argument("--wit", type=Path, required=True, help="folder of the contract")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    build(given.plugin, given.path or [Path()], given.wit, given.output.absolute())


if __name__ == "__main__":
    main()
