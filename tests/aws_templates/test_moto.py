"""What moto can make of the templates is made, and read back."""

import json

import pytest
from templates import properties
from test_names import c_tables

TASK = {
    "Color": "green",
    "Image": "registry.example.org/chatd:1",
    "AllowedOrigins": "https://chat.example.org",
    "TrustedProxies": "10.40.0.0/20",
    "GatewayCallback": "https://ws.example.org/chat",
    "ConnectionsArn": "arn:aws:execute-api:r:1:api/chat/POST/@connections/*",
    "DisconnectionsArn": "arn:aws:execute-api:r:1:api/chat/DELETE/@connections/*",
    "TablePrefix": "chat-",
    "TableArns": "arn:aws:dynamodb:r:1:table/chat-messages",
    "CacheUrlSecret": "arn:aws:secretsmanager:r:1:secret:cache",
    "GatewaySecrets": "arn:aws:secretsmanager:r:1:secret:gateway",
    "ImageRegion": "eu-central-1",
    "Cluster": "chat",
}


@pytest.fixture(scope="module")
def tables(account, network):
    outputs = account.create(
        "data.yml",
        Name="chat",
        Backups="on",
        PrivateSubnets=network["PrivateSubnets"],
        CacheGroup=network["CacheGroup"],
    )
    return account.client("dynamodb"), outputs


def test_private_ways_out_are_by_nat(account, network):
    """moto keeps routes, but not which subnets have them."""
    tables = account.client("ec2").describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [network["Vpc"]]}]
    )
    ways = [
        "nat" if "NatGatewayId" in route else route["GatewayId"].split("-")[0]
        for table in tables["RouteTables"]
        for route in table["Routes"]
        if route.get("DestinationCidrBlock") == "0.0.0.0/0"
    ]
    assert sorted(ways) == ["igw", "nat", "nat"]


def test_tables_are_reached_without_the_gateway(account, network):
    endpoints = account.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    gateways = {
        endpoint["ServiceName"].rsplit(".", 1)[-1]: len(endpoint["RouteTableIds"])
        for endpoint in endpoints
        if endpoint["VpcEndpointType"] == "Gateway"
    }
    assert gateways == {"dynamodb": 2, "s3": 2}
    assert not [end for end in endpoints if "execute-api" in end["ServiceName"]]


def test_groups_let_in_groups_only(account, network):
    ec2 = account.client("ec2")
    names = {
        network[key]: key for key in network if key.endswith("Group")
    }
    ways = set()
    for group in ec2.describe_security_groups(GroupIds=list(names))["SecurityGroups"]:
        for rule in group["IpPermissions"]:
            assert not rule["IpRanges"] and not rule.get("Ipv6Ranges")
            for pair in rule["UserIdGroupPairs"]:
                way = (names[pair["GroupId"]], names[group["GroupId"]])
                ways.add((*way, rule["FromPort"]))
    assert ways == {
        ("LinkBalancerGroup", "BalancerGroup", 80),
        ("BalancerGroup", "TaskGroup", 7100),
        ("TaskGroup", "CacheGroup", 6379),
    }


def test_tables_are_made_as_create_tables_makes_them(tables):
    dynamodb, _ = tables
    made = {}
    for name in dynamodb.list_tables()["TableNames"]:
        table = dynamodb.describe_table(TableName=name)["Table"]
        kinds = {
            attribute["AttributeName"]: attribute["AttributeType"]
            for attribute in table["AttributeDefinitions"]
        }
        made[name.removeprefix("chat-")] = [
            (key["AttributeName"], kinds[key["AttributeName"]])
            for key in table["KeySchema"]
        ]
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert made == {name: keys for name, (keys, _) in c_tables().items()}


def test_tasks_may_use_the_tables_that_were_made(tables):
    dynamodb, outputs = tables
    arns = {
        dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        for name in dynamodb.list_tables()["TableNames"]
    }
    named = set(outputs["TableArns"].split(","))
    assert named - arns == {
        dynamodb.describe_table(TableName="chat-users")["Table"]["TableArn"]
        + "/index/idle"
    }
    assert arns <= named


def test_the_balancer_forwards_by_weight(account, cluster):
    balancer = account.client("elbv2")
    rules = balancer.describe_rules(ListenerArn=cluster["ListenerArn"])["Rules"]
    (gateway,) = [
        rule for rule in rules if rule["RuleArn"] == cluster["GatewayRuleArn"]
    ]
    forward = gateway["Actions"][0]["ForwardConfig"]
    assert {
        group["TargetGroupArn"]: int(group["Weight"])
        for group in forward["TargetGroups"]
    } == {cluster["BlueTargets"]: 90, cluster["GreenTargets"]: 10}
    (default,) = [rule for rule in rules if rule["IsDefault"]]
    assert default["Actions"][0]["Type"] == "fixed-response"


def test_balancers_are_internal(account, cluster):
    balancers = account.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert [one["Scheme"] for one in balancers] == ["internal", "internal"]


@pytest.fixture(scope="module")
def service(account, network, cluster):
    return account.create(
        "service.yml",
        Name="chat",
        PrivateSubnets=network["PrivateSubnets"],
        TaskGroup=network["TaskGroup"],
        Targets=cluster["GreenTargets"],
        **TASK,
    )


def test_a_task_is_registered_with_what_chatd_reads(account, service):
    ecs = account.client("ecs")
    (arn,) = ecs.list_task_definitions()["taskDefinitionArns"]
    task = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    (container,) = task["containerDefinitions"]
    environment = {pair["name"]: pair["value"] for pair in container["environment"]}
    assert environment["CHATD_COLOR"] == "green"
    assert environment["CHATD_STORE"] == "dynamodb"
    assert environment["CHATD_GATEWAY_CALLBACK"] == TASK["GatewayCallback"]
    assert container["readonlyRootFilesystem"] is True
    assert container["stopTimeout"] == 120


def test_the_dashboard_is_read(account):
    """As JSON, once its names are put in."""
    (board,) = [
        board
        for _, board in properties(account.templates, "AWS::CloudWatch::Dashboard")
    ]
    body = json.loads(board["DashboardBody"]["Fn::Sub"])
    client = account.client("cloudwatch")
    client.put_dashboard(DashboardName="chat", DashboardBody=json.dumps(body))
    stored = client.get_dashboard(DashboardName="chat")["DashboardBody"]
    assert len(json.loads(stored)["widgets"]) == len(body["widgets"]) >= 9
