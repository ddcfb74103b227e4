"""What is kept of an executed notebook: nothing that belongs to one run or one machine, as a notebook and as a page."""

import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


def without_traces(notebook: Any, cwd: Path, folder: Path) -> Any:
    """Return a copy of an executed notebook without anything that belongs to this run or this machine."""
    settled = copy.deepcopy(notebook)
    settled.metadata = type(settled.metadata)(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"file_extension": ".py", "mimetype": "text/x-python", "name": "python",
                       "pygments_lexer": "ipython3"},
    )  # fmt: skip
    settled.nbformat_minor = 5
    package = Path(__file__).resolve().parents[1]
    # The longest paths first: one may lie inside another.
    places = {
        str(cwd.resolve()): ".",
        str(cwd): ".",
        str(folder): "…",
        sys.prefix: "…",
        str(package): "leadership_study",
        str(Path.home()): "~",
    }
    ordered = sorted(((path, name) for path, name in places.items() if len(path) > 1), key=lambda pair: -len(pair[0]))

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(entry) for entry in value]
        if not isinstance(value, str):
            return value
        for path, name in ordered:
            value = value.replace(path, name)
        return _ADDRESS.sub("0x…", value)

    for cell in settled.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = plain(output.text)
            for kind in list(output.get("data", {})):
                if kind.startswith("text/"):
                    output.data[kind] = plain(output.data[kind])
    return settled


def as_notebook(notebook: Any) -> bytes:
    """Return the bytes of an ``.ipynb`` file."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def as_page(notebook: Any, stem: str) -> bytes:
    """Render a notebook as one HTML file with its pictures inside and no link to any other place."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="notebook_page",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    text, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": _title(notebook, stem)}})
    return f"{text.strip()}\n".encode()


def _title(notebook: Any, stem: str) -> str:
    for cell in notebook.cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else ():
            if line.startswith("# "):
                return str(line.removeprefix("# ").strip())
    return stem
