"""What tests of tests/e2e cannot ask of API Gateway, and under which chaos.

This is the one table of it; docs/gateway.md points here. Each test that is left
out has another in its place.
"""

from typing import NamedTuple

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
LIMITS = f"{GUIDE}/apigateway-execution-service-websocket-limits-table.html"
UNORDERED = "https://repost.aws/questions/QUa2N5ZwL4QjSFuJkuI4nGcg"
PROXY = f"{GUIDE}/apigateway-websocket-api-routes-integrations.html"
NO_CODE = "https://github.com/aws/chalice/issues/2060"


class LeftOut(NamedTuple):
    why: str
    source: str
    instead: str


LEFT_OUT = {
    "test_hello_tells_the_limits": LeftOut(
        "a connection lives for two hours, so connection_ms is not 0",
        LIMITS,
        "gateway/test_request.py::test_the_reply_is_the_answer",
    ),
    "test_a_drain_is_announced_and_served": LeftOut(
        "no task has connections that a drain could move: nothing is announced",
        PROXY,
        "gateway/test_tasks.py::test_a_drain_disconnects_nobody",
    ),
    "test_a_restart_keeps_everything": LeftOut(
        "nobody is closed with 4001: a connection outlives its tasks, and a"
        " backend chooses no code",
        NO_CODE,
        "gateway/test_tasks.py::test_a_restart_of_all_keeps_everything",
    ),
    "test_ten_bad_requests_in_a_row_end_the_connection": LeftOut(
        "requests come to several tasks, in any order: none sees a row",
        UNORDERED,
        "gateway/test_request.py::test_bad_requests_end_no_connection",
    ),
    "test_rates_are_limited_with_a_way_back": LeftOut(
        "each task counts what it is asked, and who waits for every answer asks"
        " both too slowly to be limited, but on a fast machine",
        UNORDERED,
        "gateway/test_request.py::test_requests_have_a_rate",
    ),
    "test_a_full_server_says_503": LeftOut(
        "connections are API Gateway's, which refuses by their rate alone",
        LIMITS,
        "gateway_emulator/test_connect.py::test_connections_are_throttled",
    ),
}

# All that the emulator knows (packaging/aws/local/gateway/chaos.py), as shares.
# What is lost is rare: programs wait for 35 s before they ask again.
CHAOS = {
    "delay": 0.2,
    "duplicate": 0.05,
    "drop": 0.003,
    "fail": 0.03,
    "slow": 0.03,
    "cut": 0.005,
}

LOST = ("drop", "cut")  # and the client is not told what
UNSURE = (*LOST, "fail")  # whether a request has been done
REPEATED = (*UNSURE, "duplicate")

# Kinds that are left out for a test of the bare wire, and why. Tests of programs
# and of people, who have the SDK or the page, are all under all kinds.
NO_CLIENT = "such a frame is none that a client repeats", UNSURE
NO_SEQ = "an event without seq may be lost, and nothing brings it again", LOST
THE_CODE = "the event `close`, which has the code, may be lost", LOST
FIRST = "the first answer is lost, and the next says `dup`", REPEATED
NOT_TWICE = "done twice it is another request, so no client repeats it", REPEATED

CALMER = {
    "test_a_message_in_fragments_is_one_frame": NO_CLIENT,
    "test_invalid_utf8_ends_the_connection": NO_CLIENT,
    "test_a_request_without_id_gets_no_reply": NO_CLIENT,
    "test_typing_reaches_the_others_and_is_no_entry": NO_SEQ,
    "test_presence_comes_and_goes": NO_SEQ,
    "test_membership_reaches_the_other_device": NO_SEQ,
    "test_the_read_marker_reaches_the_other_device": NO_SEQ,
    "test_one_who_is_banned_stays_out_until_it_is_lifted": NO_SEQ,
    "test_a_private_room_is_entered_by_invitation": NO_SEQ,
    "test_a_room_of_two": NO_SEQ,
    "test_another_version_is_refused": THE_CODE,
    "test_who_says_no_hello_is_closed": THE_CODE,
    "test_a_repeated_key_is_one_entry": FIRST,
    "test_repeats_in_one_burst_are_one_entry": FIRST,
    "test_keys_belong_to_a_user_and_a_room": FIRST,
    "test_logout_ends_the_token": NOT_TWICE,
    "test_a_new_password_ends_the_other_sessions": NOT_TWICE,
    "test_ten_wrong_passwords_make_the_next_wait": NOT_TWICE,
}


def reason_against(name):
    """Why a test is left out; None when it is not."""
    if name not in LEFT_OUT:
        return None
    why, source, instead = LEFT_OUT[name]
    return f"API Gateway: {why} ({source}); instead tests/{instead}"


def chaos_for(name, kinds):
    """Of these kinds, those under which a test can hold: the emulator's option."""
    _, left_out = CALMER.get(name, ("", ()))
    return ",".join(f"{k}={CHAOS[k]}" for k in kinds if k not in left_out)
