"""Where secrets are, and are not."""

import re

from rules.registry import rule
from templates import containers, properties, strings, text, values


@rule
def secrets_are_not_parameters(templates):
    """A parameter may name a secret, not be one."""
    for file, template in templates.items():
        for name, parameter in template.get("Parameters", {}).items():
            if not re.search("(?i)secret|password|token", name):
                continue
            pattern = str(parameter.get("AllowedPattern", ""))
            plain = parameter["Type"] == "String" and "AllowedValues" not in parameter
            if plain and "secretsmanager" not in pattern and not is_name(templates, name):
                yield f"{file}: the parameter {name} is a secret"


def is_name(templates, name):
    return name in templates["data.yml"].get("Outputs", {})


@rule
def secrets_are_made_or_joined(templates):
    for place, secret in properties(templates, "AWS::SecretsManager::Secret"):
        if "GenerateSecretString" in secret:
            continue
        if "{{resolve:secretsmanager:" not in text(secret.get("SecretString")):
            yield f"{place}: a secret that stands in the template"


@rule
def variables_have_no_secret(templates):
    for place, container in containers(templates):
        for variable in container["Environment"]:
            value = variable["Value"]
            if re.search("SECRET|PASSWORD|TOKEN|REDIS_URL", variable["Name"]):
                yield f"{place}: {variable['Name']} is a secret"
            if "{{resolve:" in " ".join(strings(value)):
                yield f"{place}: {variable['Name']} shows a secret"


@rule
def gateway_shows_its_secret(templates):
    key = "integration.request.header.X-Gateway-Secret"
    for place, integration in properties(templates, "AWS::ApiGatewayV2::Integration"):
        shown = values(integration["RequestParameters"].get(key, ""))
        from_secret = ["{{resolve:secretsmanager:" in text(value) for value in shown]
        from_edge = [value == "route.request.header.X-Edge-Secret" for value in shown]
        connect = text(integration["IntegrationUri"]).endswith("/connect")
        if not any(from_secret):
            yield f"{place}: a request without the secret"
        if any(from_edge) and not connect:
            yield f"{place}: takes a client's word in place of the secret"
        if connect and not any(from_edge):
            yield f"{place}: nothing tells who came around CloudFront"
