"""Names that two sides must agree on: chatd's and the templates'."""

import pathlib
import re

import pytest
import templates as reader
from templates import ROOT, containers, metrics, named, properties, text

COLORS = ("Blue", "Green")
STORE = ROOT / "server/store"

# Options that no task sets, and why.
LEFT_OUT = {
    "config": "the environment is all that is set",
    "check-config": "a command",
    "healthcheck": "a command: the health check's",
    "help": "a command",
    "version": "a command",
    "create-tables": "a command, and the templates make the tables",
    "take-over": "a command, and ECS starts another task instead",
    "web": "CloudFront has the page",
    "tls-cert": "CloudFront, API Gateway and the balancer end TLS",
    "tls-key": "CloudFront, API Gateway and the balancer end TLS",
    "redis-ca": "the system's: the cache's certificates are Amazon's",
    "dynamodb-endpoint": "the region's own, through the gateway endpoint",
    "control-socket": "in the folder of --data",
    "max-connections": "the default is enough for one core",
    "max-connections-per-address": "the web ACL counts addresses",
    "rate-limits": "on",
    "gather-max-ms": "the default",
    "guest-idle": "the default",
    "trace-sign": "X-Ray's own address is signed for anyway",
}


@pytest.fixture(scope="module")
def templates():
    return reader.load()


@pytest.fixture(scope="module")
def container(templates):
    (found,) = [container for _, container in containers(templates)]
    return found


def options():
    table = (ROOT / "server/options/table.c").read_text()
    return set(re.findall(r'^ +\.name = "([a-z-]+)"', table, re.M))


def variable(option):
    return "CHATD_" + option.upper().replace("-", "_")


def test_each_variable_is_an_option(container):
    given = named(container["Environment"]).keys() | named(
        container["Secrets"], value="ValueFrom"
    ).keys()
    assert given - {variable(option) for option in options()} == set()


def test_each_option_is_set_or_left_out_for_a_reason(container):
    given = named(container["Environment"]).keys() | named(
        container["Secrets"], value="ValueFrom"
    ).keys()
    unset = {option for option in options() if variable(option) not in given}
    assert unset == set(LEFT_OUT)


def test_secrets_are_of_secrets_manager(container):
    assert named(container["Secrets"], value="ValueFrom") == {
        "CHATD_REDIS_URL": {"Ref": "CacheUrlSecret"},
        "CHATD_GATEWAY_SECRET": {"Ref": "GatewaySecrets"},
    }


def test_headers_that_chatd_reads_are_mapped(templates):
    """chatd has more headers to go by, such as those of proxies; of API Gateway's
    these are the ones without which a request is refused or a nobody's."""
    source = (ROOT / "server/front/gateway_request.c").read_text()
    read = {name.lower() for name in re.findall(r'"(x-[a-z-]+):"', source)}
    at_connect = {"x-keep-source-ip"}
    assert {"x-connection-id", "x-gateway-secret"} | at_connect <= read
    for place, integration in properties(templates, "AWS::ApiGatewayV2::Integration"):
        mapped = {
            key.removeprefix("integration.request.header.").lower()
            for key in integration["RequestParameters"]
        }
        assert (read if "Connect" in place else read - at_connect) <= mapped


def test_paths_are_those_that_chatd_answers(templates):
    uris = {
        text(integration["IntegrationUri"]).partition("}/gateway/")[2]
        for _, integration in properties(templates, "AWS::ApiGatewayV2::Integration")
    }
    assert uris == {"connect", "message", "disconnect"}


def c_tables():
    """Name -> key and expiry, as chatd --create-tables makes them."""
    source = (STORE / "dynamodb_tables.c").read_text()
    key = r'\{(?:"([a-z-]+)", "([SN])"|NULL, NULL)\}'
    row = rf'\{{"([a-z-]+)",\s*{key},\s*{key},\s*(?:"(\w+)"|NULL)\}}'
    return {
        name: ([pair for pair in ((a, b), (c, d)) if pair[0]], expiry or None)
        for name, a, b, c, d, expiry in re.findall(row, source)
    }


def template_tables(templates):
    for _, table in properties(templates, "AWS::DynamoDB::Table"):
        name = text(table["TableName"]).removeprefix("${Name}-")
        yield name, table


def keys(table, schema):
    kinds = named(table["AttributeDefinitions"], "AttributeName", "AttributeType")
    return [(key["AttributeName"], kinds[key["AttributeName"]]) for key in schema]


def test_tables_are_those_of_create_tables(templates):
    made = {
        name: (
            keys(table, table["KeySchema"]),
            table.get("TimeToLiveSpecification", {}).get("AttributeName"),
        )
        for name, table in template_tables(templates)
    }
    assert made == c_tables()
    assert len(made) >= 9


def test_indexes_are_those_of_create_tables(templates):
    source = (STORE / "dynamodb_tables.c").read_text()
    wanted = [
        re.search(rf'idle_{part} = \{{"(\w+)", "(\w)"\}}', source).groups()
        for part in ("hash", "range")
    ]
    indexes = {
        name: [
            (index["IndexName"], keys(table, index["KeySchema"]), index["Projection"])
            for index in table["GlobalSecondaryIndexes"]
        ]
        for name, table in template_tables(templates)
        if "GlobalSecondaryIndexes" in table
    }
    assert indexes == {
        "users": [("idle", wanted, {"ProjectionType": "KEYS_ONLY"})]
    }


def test_a_task_may_what_the_store_asks_for(templates):
    asked = set()
    for path in STORE.glob("dynamodb*.c"):
        asked |= set(
            re.findall(
                r'"((?:Batch|Transact)?(?:Get|Put|Update|Delete|Write)Items?|Query|Scan)"',
                path.read_text(),
            )
        )
    (role,) = [
        role
        for place, role in properties(templates, "AWS::IAM::Role")
        if place == "service.yml:TaskRole"
    ]
    (statement,) = [
        statement
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]
        if statement["Sid"] == "UseTables"
    ]
    assert set(statement["Action"]) == {f"dynamodb:{action}" for action in asked}


def test_each_table_is_open_to_tasks(templates):
    arns = str(templates["data.yml"]["Outputs"]["TableArns"]["Value"])
    for name, resource in templates["data.yml"]["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            assert f"['{name}', 'Arn']" in arns
    assert "${Users.Arn}/index/idle" in arns


def test_metrics_are_those_that_leave_chatd(templates):
    page = (ROOT / "docs/metrics.md").read_text()
    known = set()
    for name, kind, label, emf in re.findall(
        r"^\| `(\w+)` \| (\w+) \| \w* \| (.*?) \| (yes|each) \|", page, re.M
    ):
        values = re.sub(r"`\w+`:?", "", label).split() if emf == "each" else []
        known |= {f"{name}_{value}" for value in values} or {name}
        if kind == "histogram":
            known |= {f"{name}_{end}" for end in ("p50", "p99", "count")}
    used = {
        name
        for _, alarm in properties(templates, "AWS::CloudWatch::Alarm")
        for name in metrics(alarm)
        if name.startswith("chatd")
    }
    for _, board in properties(templates, "AWS::CloudWatch::Dashboard"):
        used |= set(re.findall(r'"(chatd_\w+)"', text(board["DashboardBody"])))
    assert used and used - known == set()


def test_tables_on_the_dashboard_are_tables(templates):
    (board,) = [b for _, b in properties(templates, "AWS::CloudWatch::Dashboard")]
    shown = re.findall(r'"TableName", "\$\{Name\}-([a-z-]+)"', text(board["DashboardBody"]))
    assert set(shown) <= {name for name, _ in template_tables(templates)}


def test_the_page_of_root_is_complete(templates):
    """docs/aws.md has a row for each of root.yml's parameters."""
    page = (ROOT / "docs/aws.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)`", page, re.M))
    assert templates["root.yml"]["Parameters"].keys() <= rows


def test_outputs_are_those_that_the_verbs_read(templates):
    read = {f"{color}{what}" for color in COLORS for what in ("Targets", "BadAlarm")}
    for path in (reader.FOLDER / "account").glob("*.py"):
        script = path.read_text()
        read |= set(re.findall(r"""outputs(?:\(\))?\[["'](\w+)["']\]""", script))
        read |= set(re.findall(r'"(\w+(?:RuleArn|Url))"', script))
    assert {"WebBucket", "RepositoryUri", "GatewayRuleArn", "DashboardUrl"} <= read
    read -= templates["root.yml"]["Parameters"].keys()
    assert read <= templates["root.yml"]["Outputs"].keys()


def test_the_verbs_set_parameters_that_exist(templates):
    wanted = {f"{color}{what}" for color in COLORS for what in ("Weight", "Image")}
    assert wanted <= templates["root.yml"]["Parameters"].keys()


def test_the_pipeline_names_files_that_exist(templates):
    for _, project in properties(templates, "AWS::CodeBuild::Project"):
        script = (ROOT / project["Source"]["BuildSpec"]).read_text()
        for path in re.findall(r"packaging/[\w./-]+\w", script):
            assert (ROOT / pathlib.PurePosixPath(path)).exists(), path

