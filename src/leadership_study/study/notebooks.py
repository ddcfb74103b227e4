"""Notebooks executed to the same bytes every time: the notebook with its outputs, and a page that needs no network.

Each notebook runs in a fresh kernel in the project's folder, two at a time. What could differ between two runs is taken
away: execution times, versions, memory addresses, absolute paths, the user's own IPython profile and the hash seed.
"""

import asyncio
import atexit
import json
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from leadership_study.errors import LeadershipStudyError
from leadership_study.study._notebook_files import as_notebook, as_page, without_traces

STUDY_TAG = "study"
_OPEN_STUDY = re.compile(r"""open_study\(\s*(['"]).*?\1""")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
# Warnings stay visible, without the file and line of the library that gave them.
_PLAIN_WARNINGS = (
    "__import__('warnings').formatwarning = lambda message, category, *_, **__: f'{category.__name__}: {message}\\n'"
)


def execute(notebook: Path, study_file: str, *, cwd: Path, timeout: int = 600) -> dict[str, bytes]:
    """Execute one notebook for one study.

    Parameters
    ----------
    notebook : Path
        The stored notebook. In its cell tagged ``study`` the path in ``open_study("…")`` is replaced.
    study_file : str
        The study file as the notebook should name it, relative to ``cwd``.
    cwd : Path
        Folder in which the kernel runs: the project's.
    timeout : int
        Seconds that one cell may take.

    Returns
    -------
    dict
        ``<stem>.ipynb`` and ``<stem>.html`` with their bytes; equal inputs give equal bytes.

    Raises
    ------
    LeadershipStudyError
        When a cell fails, with notebook, cell and the last line of the error.
    """
    return execute_all([notebook], study_file, cwd=cwd, timeout=timeout)


def execute_all(
    notebooks: Sequence[Path],
    study_file: str,
    *,
    cwd: Path,
    timeout: int = 600,
    at_once: int = 2,
    notice: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> dict[str, bytes]:
    """Execute several notebooks, ``at_once`` at a time; see `execute`.

    Each begins with the ``notice``, one paragraph a text. ``progress`` is called with the stem of each notebook when it
    is done. The first that fails stops the others.
    """
    prepared = [(path.stem, _prepared(path, study_file, notice)) for path in notebooks]
    folder = Path(tempfile.mkdtemp(prefix="leadership-study-"))  # short: socket paths hold some 100 characters

    async def run_all() -> dict[str, bytes]:
        free = asyncio.Semaphore(at_once)

        async def run_one(stem: str, notebook: Any) -> dict[str, bytes]:
            async with free:
                await _execute_cells(stem, notebook, folder=folder, cwd=cwd, timeout=timeout)
                settled = without_traces(notebook, cwd, folder)
                made = {f"{stem}.ipynb": as_notebook(settled), f"{stem}.html": as_page(settled, stem)}
            if progress is not None:
                progress(stem)
            return made

        tasks = [asyncio.create_task(run_one(stem, notebook)) for stem, notebook in prepared]
        try:
            made = await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)  # each kernel is shut down before we go on
            raise
        return {name: content for files in made for name, content in files.items()}

    try:
        return _in_own_thread(run_all())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(path: Path, study_file: str, notice: Sequence[str] = ()) -> Any:
    """Read a notebook, without outputs, with the notice and the study at hand in its cell tagged ``study``."""
    import nbformat

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        for number, cell in enumerate(content["cells"], start=1):
            cell.setdefault("id", f"cell-{number:02d}")  # nbformat would draw a random one
        content["nbformat_minor"] = max(content["nbformat_minor"], 5)
        notebook = nbformat.reads(json.dumps(content), as_version=4)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise LeadershipStudyError(
            f"The notebook {path.name} cannot be read ({error.strerror}): restore it or take it off the study's list."
        ) from error
    except (ValueError, KeyError, TypeError, nbformat.ValidationError) as error:
        raise LeadershipStudyError(f"{path.name} is not a Jupyter notebook; save it again from Jupyter.") from error

    tagged = [cell for cell in notebook.cells if STUDY_TAG in cell.metadata.get("tags", [])]
    if not tagged:
        raise LeadershipStudyError(
            f"The notebook {path.name} does not say which study it opens; tag its cell with open_study(…) 'study'."
        )
    opening = f'open_study("{Path(study_file).as_posix()}"'
    for cell in tagged:
        cell.source = _OPEN_STUDY.sub(lambda _: opening, cell.source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if notice:
        told = "\n\n".join(f"**{text}**" for text in notice)
        cell = {"cell_type": "markdown", "id": "notice", "metadata": {}, "source": told}
        notebook.cells.insert(0, nbformat.from_dict(cell))  # type: ignore[no-untyped-call]
    return notebook


async def _execute_cells(stem: str, notebook: Any, *, folder: Path, cwd: Path, timeout: int) -> None:
    """Run every cell of ``notebook`` in a kernel of this very Python; outputs are put into ``notebook``."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    manager = AsyncKernelManager(connection_file=str(folder / f"{stem}.json"))
    if os.name == "posix":
        manager.transport = "ipc"  # no port that anything else could see or take
    # No look-up: a kernel called python3 in the user's own folder may be another Python.
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=command, display_name="Python 3", language="python")
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=timeout,
        startup_timeout=120,
        record_timing=False,
        coalesce_streams=True,
        shutdown_kernel="immediate",
        extra_arguments=["--HistoryManager.enabled=False", f"--InteractiveShellApp.exec_lines={_PLAIN_WARNINGS}"],
    )
    started: dict[str, Any] = {}
    client.on_notebook_start = lambda **_: started.update(process=getattr(manager.provisioner, "process", None))
    client.owns_km = True  # it shuts the kernel down when it is done
    try:
        with (folder / f"{stem}.log").open("wb") as log:  # what the process says outside of any cell
            await client.async_execute(cwd=str(cwd), env=_environment(folder), stdout=log, stderr=log)
    except CellExecutionError as error:
        last = _COLOUR.sub("", f"{error.ename}: {error.evalue}").strip()
        raise LeadershipStudyError(
            f"The notebook {stem} stopped at {_where(notebook)}: {last} (open it in Jupyter and run it up to there)"
        ) from error
    except CellTimeoutError as error:
        raise LeadershipStudyError(
            f"The notebook {stem} took longer than {timeout} seconds at {_where(notebook)}; make that cell do less."
        ) from error
    except DeadKernelError as error:
        raise LeadershipStudyError(
            f"The Python that ran the notebook {stem} died at {_where(notebook)}; there may be too little memory."
        ) from error
    except RuntimeError as error:
        said = (folder / f"{stem}.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise LeadershipStudyError(
            f"The notebook {stem} could not be started: {said[-1] if said else error} (is ipykernel there?)"
        ) from error
    finally:
        process = getattr(manager.provisioner, "process", None) or started.get("process")
        if client.km is not None:  # interrupted while it was starting, when the client does not yet clean up
            await client._async_cleanup_kernel()
        atexit.unregister(client._cleanup_kernel)
        if process is not None and process.poll() is None:  # a kernel that died is not always waited for
            process.kill()
            process.wait()


def _where(notebook: Any) -> str:
    """Name the cell at which execution stopped: the last one that was begun."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    begun = [cell for cell in code if cell.execution_count is not None or cell.outputs]
    cell = begun[-1] if begun else code[0]
    return f"code cell {code.index(cell) + 1} of {len(code)} (id {cell.id})"


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of the kernels: one thread, fixed hashes, none of the user's Jupyter settings."""
    settings = {
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "agg",
        "COLUMNS": "100",
        "TZ": "UTC",
        **_ONE_THREAD,
    }
    return {**os.environ, **settings}


def _in_own_thread(work: Coroutine[Any, Any, dict[str, bytes]]) -> dict[str, bytes]:
    """Run ``work`` in an event loop of its own.

    In the main thread the notebook client would take over Ctrl-C, and inside Jupyter a loop is already running.
    """
    outcome: dict[str, Any] = {}
    started = threading.Event()

    async def supervised() -> None:
        outcome["loop"], outcome["task"] = asyncio.get_running_loop(), asyncio.current_task()
        started.set()
        outcome["result"] = await work

    def target() -> None:
        try:
            asyncio.run(supervised())
        except BaseException as error:
            outcome["error"] = error
        finally:
            started.set()

    thread = threading.Thread(target=target, name="notebooks", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.2)
    except BaseException:  # Ctrl-C: stop the kernels, then pass it on
        started.wait()
        if thread.is_alive():
            outcome["loop"].call_soon_threadsafe(outcome["task"].cancel)
            thread.join(30)
        raise
    if "error" in outcome:
        raise outcome["error"]
    return dict(outcome["result"])
