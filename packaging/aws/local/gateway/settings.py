"""What the emulator can be told. Defaults are API Gateway's own.

Each field is an option of the command line. One with `choices` is a behaviour
for which there is no public source, or two that differ: whoever relies on it
must work either way.
"""

import argparse
import dataclasses
import os
from dataclasses import dataclass


def option(default, text, **more):
    return dataclasses.field(default=default, metadata={"help": text, **more})


def unconfirmed(choices, text):
    """The first choice is the likely one, and the default."""
    return option(choices[0], text, choices=choices)


@dataclass(frozen=True)
class Settings:
    # ---- where ----
    listen: str = option("127.0.0.1:7200", "where clients connect")
    callback_listen: str = option("127.0.0.1:7201", "where @connections is")
    integration: str = option(
        "http://127.0.0.1:7210", "base of /gateway/{connect,message,disconnect}"
    )
    stage: str = option("local", "the stage, the only path that clients may name")
    api_id: str = option("twin", "the API's id, in User-Agent")
    secret: str = option("", "X-Gateway-Secret; default: of CHATD_GATEWAY_SECRET")
    region: str = option("us-east-1", "whose signatures are taken")
    access_key_id: str = option("", "default: of AWS_ACCESS_KEY_ID")
    secret_access_key: str = option("", "default: of AWS_SECRET_ACCESS_KEY")
    session_token: str = option("", "default: of AWS_SESSION_TOKEN")

    # ---- limits ----
    integration_seconds: float = option(29.0, "what an integration may take")
    idle_seconds: float = option(600.0, "a connection without a message ends")
    duration_seconds: float = option(7200.0, "any connection ends")
    time_scale: float = option(1.0, "the three above pass so much faster")
    frame_bytes: int = option(32 * 1024, "of a client's frame")
    message_bytes: int = option(128 * 1024, "of a client's message")
    requests_per_second: float = option(10_000, "messages and @connections together")
    requests_burst: int = option(5_000, "and so many at once")
    connections_per_second: float = option(500, "new connections")
    buffer_bytes: int = option(256 * 1024, "what waits for a slow client: then 429")

    # ---- what is lost ----
    lost_disconnects: float = option(0.0, "the share of $disconnect that never comes")
    chaos: str = option("", "what chance does, such as delay=0.2,fail=0.01")
    chaos_milliseconds: float = option(200.0, "the longest delay by chance")
    seed: int = option(1, "of all chance")

    # ---- what no source says for sure ----
    non_2xx: str = unconfirmed(
        ("error", "body", "nothing"),
        "what a client gets of an integration's answer that is not 2xx",
    )
    empty_response: str = unconfirmed(
        ("nothing", "frame"), "what a client gets of an answer without a body"
    )
    ping_resets_idle: str = unconfirmed(
        ("no", "yes"), "whether a client's ping frame counts as activity"
    )
    callback_answers: str = unconfirmed(
        ("queued", "written"), "when a POST to @connections is answered"
    )
    callback_bytes: str = unconfirmed(
        ("131072", "32768"), "the most that a POST to @connections may have"
    )
    pending_status: str = unconfirmed(
        ("410", "403"), "for a POST to a connection whose $connect is not over"
    )
    throttled: str = unconfirmed(
        ("frame", "close"), "what a client gets whose message is too much"
    )
    connect_failure: str = unconfirmed(
        ("502", "504"), "the handshake's status when $connect takes too long"
    )
    subprotocol: str = unconfirmed(
        ("passed", "dropped"), "Sec-WebSocket-Protocol of $connect's answer"
    )
    message_type: str = unconfirmed(
        ("none", "application/json"), "Content-Type of a message's request"
    )
    disconnect_body: str = unconfirmed(
        ("empty", "object"), "what the body of $disconnect is"
    )

    def scaled(self, seconds):
        return seconds / self.time_scale


SECRETS = {
    "secret": "CHATD_GATEWAY_SECRET",
    "access_key_id": "AWS_ACCESS_KEY_ID",
    "secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
}


def of_environment(name):
    """While secrets are rotated there are two; a gateway sends the first."""
    return os.environ.get(SECRETS[name], "").split(",")[0]


def parse(arguments=None):
    parser = argparse.ArgumentParser(prog="gateway", description=__doc__)
    for field in dataclasses.fields(Settings):
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=field.type,
            choices=field.metadata.get("choices"),
            default=field.default,
            help=field.metadata["help"],
        )
    given = vars(parser.parse_args(arguments))
    for name in SECRETS:
        given[name] = given[name] or of_environment(name)
    return Settings(**given)
