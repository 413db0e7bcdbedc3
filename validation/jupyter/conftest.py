"""Tests that drive the installed kernel as Jupyter's own programs do.

make test-jupyter runs them in the environment of the jupyter lock. KERNEL
names the kernel spec under test; python3 (ipykernel) runs the same tests on a
peer that is known to be right, which is how the tests themselves are judged.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

# Python 3.12 and later warn about asyncio's event loop policy in every client.
os.environ.setdefault("PYTHONWARNINGS", "ignore::DeprecationWarning")


@pytest.fixture(scope="session")
def out():
    """The folder for what people look at afterwards: screenshots, pages."""
    folder = Path(__file__).parents[2] / "out" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def chromium():
    """The browser's path. Its absence is a failure, never a skip."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.fail("no Chromium on the PATH: install it (apt install chromium fonts-dejavu-core)")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A skipped test proves nothing: here it fails, by name."""
    report = (yield).get_result()
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
