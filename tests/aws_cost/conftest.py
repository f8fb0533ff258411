"""The templates as tests/aws_templates reads them, the cost as its command does."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/aws_templates"), str(ROOT / "packaging/aws")]
