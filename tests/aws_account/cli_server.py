"""The AWS CLI itself, loaded once: to start it takes longer than a test has.

usage: cli_server.py SOCKET

Calls come one after the other, each with the caller's arguments, environment,
folder and descriptors. What it asks of AWS is written to the file CALLS, one a
line, and a call that the file ANSWERS has is answered from there instead of being
sent. Both are named by the caller's environment.
"""

import contextlib
import json
import marshal
import os
import pathlib
import socket
import sys
import traceback
import types

from awscli.clidriver import create_clidriver

SERVICES = (
    "cloudformation",
    "cloudfront",
    "cloudwatch",
    "dynamodb",
    "ecr",
    "ecs",
    "elbv2",
    "iam",
    "logs",
    "s3",
    "secretsmanager",
    "sts",
)
REQUEST_BYTES = 1024 * 1024


# Services that IAM calls otherwise.
IN_IAM = {"monitoring": "cloudwatch", "tagging": "tag"}


def name_of(model):
    service = model.service_model.signing_name
    return f"{IN_IAM.get(service, service)}:{model.name}"


def answer_to(name):
    path = os.environ.get("ANSWERS")
    answers = json.loads(pathlib.Path(path).read_text()) if path else {}
    if name not in answers:
        return None
    answer = answers[name]
    status = 400 if "Error" in answer else 200
    return types.SimpleNamespace(status_code=status, headers={}), {
        "ResponseMetadata": {},
        **answer,
    }


def on_call(model, params, **_):
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(name_of(model) + "\n")
        if "RoleARN" in str(params.get("body")):
            calls.write("iam:PassRole\n")
    return answer_to(name_of(model))


@contextlib.contextmanager
def in_place_of(descriptors):
    """This process's own input and outputs are those of the caller."""
    kept = [os.dup(number) for number in range(3)]
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
        for descriptor in (*kept, *descriptors):
            os.close(descriptor)


def perform(driver, request):
    own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}  # where its models are
    os.environ.clear()
    os.environ.update(request["environment"] | own)
    os.chdir(request["folder"])
    try:
        return driver.main(request["words"]) or 0
    except BaseException:
        traceback.print_exc()
        return 255


def keep_clients(session):
    """To make one takes longer than its call. Not those of s3, whose commands
    change them."""
    make, kept = session.create_client, {}

    def create(service, *args, **more):
        if service == "s3":
            return make(service, *args, **more)
        names = ("AWS_REGION", "AWS_ENDPOINT_URL")
        given = (more.get("region_name"), more.get("endpoint_url"))
        key = (service, *given, *map(os.environ.get, names))
        if key not in kept:
            kept[key] = make(service, *args, **more)
        return kept[key]

    session.create_client = create


def load():
    """With the models of the services."""
    driver = create_clidriver()
    own = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    for service in SERVICES:
        driver.session.create_client(service, "us-east-1", **own)
    for kind in ("service-2", "paginators-1", "waiters-2"):
        driver.session.get_component("data_loader").list_available_services(kind)
    driver.session.get_available_services()
    driver._get_command_table()
    return driver


def bury():
    """Calls that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def serve(path):
    driver = load()
    driver.session.register("before-call", on_call)
    keep_clients(driver.session)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while True:
            caller, _ = listener.accept()
            with caller:
                data, descriptors, _, _ = socket.recv_fds(caller, REQUEST_BYTES, 3)
                with in_place_of(descriptors):
                    code = perform(driver, marshal.loads(data))
                caller.sendall(bytes([code]))


if __name__ == "__main__":
    serve(sys.argv[1])
