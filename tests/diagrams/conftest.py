import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / part) for part in ("tools", "tests/e2e", "tests/aws_templates")
]


@pytest.fixture(scope="session")
def browser():
    from drivers.browser import Browser

    browser = Browser()
    yield browser
    browser.close()
