"""What is said to chatd: one table, and whatever is wrong with it in its place."""

import os
import re
import subprocess

import pytest

DEADLINE = 30
OPTION = re.compile(r"^  --([a-z-]+)(?: \S+    \((CHATD_[A-Z_]+)\))?$", re.MULTILINE)


@pytest.fixture
def run(build, tmp_path):
    """Runs chatd to its end: status, lines of output, lines of errors."""

    def finish(*arguments, **variables):
        environment = {k: v for k, v in os.environ.items() if k != "STATE_DIRECTORY"}
        done = subprocess.run(
            [build / "server/chatd", *arguments],
            env={**environment, "HOME": str(tmp_path), **variables},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    return finish


@pytest.fixture
def write(tmp_path):
    def write_file(*lines, name="chatd.conf"):
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    return write_file


@pytest.fixture
def check(run):
    """The problems of a file, its name cut off, or None when it is well."""

    def problems(path, *arguments, **variables):
        status, output, errors = run("--check-config", "--config", path, *arguments, **variables)
        assert status == (1 if errors else 0)
        if errors:
            return [line.removeprefix(f"{path}") for line in errors]
        assert output == [f"{path}: ok"]
        return None

    return problems


def test_a_file_that_is_well_says_so_and_nothing_is_made(check, write, tmp_path):
    data = tmp_path / "state/data"
    assert check(write(f"data = {data}", "max-connections = 5")) is None
    assert not data.parent.exists()


def test_without_a_file_the_program_is_named(run):
    assert run("--check-config") == (0, ["chatd: ok"], [])


def test_all_problems_are_told_each_with_its_line(check, write, certificates, tmp_path):
    certificate, _ = certificates("one")
    _, key = certificates("other")
    (tmp_path / "file").write_text("")
    problems = check(
        write(
            "; what is wrong with a configuration",
            "max-conections = 6",
            "rate-limits = maybe",
            "nonsense",
            "web = /nowhere/at/all",
            "allowed-origins = https://fine.example",
            "    chat.example",
            "trusted-proxies = 10.0.0.0/33",
            f"tls-cert = {certificate}",
            f"tls-key = {key}",
            f"data = {tmp_path}/file/data",
        )
    )
    assert problems == [
        ":2: unknown option 'max-conections'; did you mean 'max-connections'?",
        ":4: this is no `name = value`",
        ":3: rate-limits: 'maybe' must be on or off",
        ":5: web: /nowhere/at/all: No such file or directory",
        ":6: allowed-origins: 'chat.example' is no origin such as https://chat.example.org",
        ":8: trusted-proxies: '10.0.0.0/33' is no trusted proxy such as 127.0.0.1 or 10.0.0.0/8",
        f":9: tls-cert: private key {key}: key values mismatch",
        f":11: data: {tmp_path}/file/data: Not a directory",
    ]


def test_a_certificate_that_cannot_be_read_is_told(check, write, certificates, tmp_path):
    certificate, key = certificates("one")
    files = [f"tls-cert = {tmp_path}/none.pem", f"tls-key = {key}"]
    assert check(write(*files)) == [
        f":1: tls-cert: certificate {tmp_path}/none.pem: No such file or directory"
    ]
    assert check(write(f"tls-cert = {certificate}", f"tls-key = {key}")) is None


def test_a_problem_is_where_the_value_came_from(check, write):
    path = write("max-connections = 5", "guest-idle = 5")
    assert check(path, "--guest-idle", "x", CHATD_MAX_CONNECTIONS="0") == [
        "CHATD_MAX_CONNECTIONS: '0' must be a whole number from 1 to 1000000",
        "--guest-idle: 'x' must be a whole number from 0 to 1000000",
    ]


def test_an_unknown_argument_names_the_nearest(run):
    status, _, errors = run("--check-config", "--max-conections", "5", "--zzz")
    assert status == 1
    assert errors == [
        "unknown option '--max-conections'; did you mean '--max-connections'?",
        "unknown option '--zzz'",
    ]


def test_a_variable_of_no_option_is_a_warning(run, write):
    """An error would keep a server from starting beside a service named chatd."""
    status, output, errors = run("--check-config", CHATD_MAX_CONECTIONS="5")
    assert (status, output) == (0, ["chatd: ok"])
    assert errors == [
        "warning: CHATD_MAX_CONECTIONS: no option reads it; "
        "did you mean 'CHATD_MAX_CONNECTIONS'?"
    ]


def test_a_start_warns_of_such_a_variable(start_chatd):
    server = start_chatd(environment={"CHATD_GUEST_IDEL": "5"})
    warning = server.log.find(lambda x: "unknown_variable" in x, "the warning")
    assert "did you mean 'CHATD_GUEST_IDLE'?" in warning


def test_a_start_says_the_same_as_the_check(run, write):
    path = write("", "max-connections = many", "guest-idle = -1")
    status, _, errors = run("--config", path)
    assert status == 1
    assert errors[:2] == [
        f"chatd: {path}:2: max-connections: 'many' must be a whole number from 1 to 1000000",
        f"chatd: {path}:3: guest-idle: '-1' must be a whole number from 0 to 1000000",
    ]
    path = write("", "web = /nowhere/at/all")
    status, _, errors = run("--config", path)
    assert status == 1
    assert f"{path}:2: web: /nowhere/at/all" in errors[-1]


# ---- what is made of the table ----


@pytest.fixture
def options(run):
    """Names and variables, "" where there is none, as --help has them."""
    status, output, _ = run("--help")
    assert status == 0
    return dict(OPTION.findall("\n".join(output)))


@pytest.fixture
def names_in_file(options):
    """Commands have no variable, and the file does not name itself."""
    return sorted({name for name, variable in options.items() if variable} - {"config"})


def test_the_help_has_options_with_their_variables(options):
    assert options["max-connections"] == "CHATD_MAX_CONNECTIONS"
    assert options["check-config"] == ""
    assert len(options) > 15


@pytest.fixture
def example(build):
    return (build / "server/chatd.conf.example").read_text()


def read_page(path):
    """Names in it are unbroken: their hyphens are written as roff's minus."""
    return path.read_text().replace(r"\-", "-")


def test_the_manual_page_has_every_option(build, options):
    page = read_page(build / "man/chatd.8")
    part = page.split(".SH OPTIONS", 1)[1].split(".SH PATHS", 1)[0]
    headings = re.findall(r"^\\fB--([a-z-]+)\\fR.*\n\.RS", part, re.MULTILINE)
    assert headings == list(options)
    assert "@OPTIONS@" not in page


def test_the_page_of_the_file_has_every_name(build, names_in_file):
    page = read_page(build / "man/chatd.conf.5")
    part = page.split(".SH NAMES", 1)[1].split(".SH EXAMPLE", 1)[0]
    assert sorted(re.findall(r"\\fB([a-z-]+)\\fR[,\n]", part)) == names_in_file


def test_the_example_has_every_option_commented_out(example, names_in_file):
    lines = [line for line in example.splitlines() if line and not line.startswith("# ")]
    found = [re.fullmatch(r"#([a-z-]+) = .+", line)[1] for line in lines]
    assert sorted(found) == names_in_file
    assert max(len(line) for line in example.splitlines()) < 80


def test_the_example_without_its_marks_is_well(example, check, write, certificates, tmp_path):
    """With its files in folders that a test may write."""
    certificate, _ = certificates("example")
    (tmp_path / "web").mkdir()
    live = re.sub(r"^#(?=[a-z])", "", example, flags=re.MULTILINE)
    live = live.replace("store = sqlite", "store = dynamodb")  # for redis-url
    live = live.replace("/etc/chatd/redis-ca.pem", str(certificate))
    live = live.replace("/etc/chatd", str(certificate.parent))
    live = live.replace("/usr/share/chat/web", str(tmp_path / "web"))
    live = live.replace("/var/lib/chatd", str(tmp_path / "data"))
    assert check(write(live)) is None
