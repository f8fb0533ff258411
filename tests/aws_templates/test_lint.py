"""What CloudFormation itself would refuse, as far as cfn-lint knows."""

import pathlib
import subprocess
import sys

import pytest
import templates as reader
import yaml

# A template that is sent with the request; larger ones have to be in S3.
BODY_BYTES = 51200
FILES = sorted(reader.FOLDER.glob("*.yml"))


def lint(*files):
    return subprocess.run(
        [
            pathlib.Path(sys.executable).parent / "cfn-lint",
            "--non-zero-exit-code",
            "informational",
            "--regions",
            "us-east-1",
            "--",
            *files,
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_cfn_lint_has_nothing_to_say():
    found = lint(*FILES)
    assert (found.returncode, found.stdout) == (0, "")


@pytest.mark.parametrize(
    "file, good, bad",
    [
        ("data.yml", "BillingMode: PAY_PER_REQUEST", "BillingMode: PAY_NOTHING"),
        ("root.yml", "        SecretRevision:", "        SecretRevisoin:"),
    ],
    ids=["value", "nested-parameter"],
)
def test_cfn_lint_sees_a_slip(file, good, bad, tmp_path):
    for path in FILES:
        content = path.read_text()
        if path.name == file:
            assert good in content
            content = content.replace(good, bad, 1)
        (tmp_path / path.name).write_text(content)
    assert lint(tmp_path / file).returncode != 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_template_fits_a_request(path):
    assert len(path.read_bytes()) <= BODY_BYTES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_template_has_no_aliases(path):
    """CloudFormation's YAML has none:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    tokens = yaml.scan(path.read_text())
    kinds = (yaml.AliasToken, yaml.AnchorToken)
    assert not [token for token in tokens if isinstance(token, kinds)]
