"""Section 3 has all that the header has."""

import pathlib

import header as headers
import pytest
import reference
from shown import sections, words

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = (ROOT / "include/chat/client.h").read_text()
READ = headers.read(HEADER)

BEGIN = "/*\n * Threads\n *   Any.\n * Strings and structures\n *   Kept.\n */\n"


def test_no_declaration_of_the_header_is_missed():
    assert len(READ.functions) == HEADER.count("\nCHAT_API ")
    assert len(READ.types) == HEADER.count("\ntypedef ")
    assert "CHAT_ERROR_TIMEOUT" in HEADER and READ.errors["TIMEOUT"]


@pytest.mark.parametrize("name", READ.functions)
def test_a_function_has_a_page(build, name):
    page = build / "man" / f"{name}.3"
    found = sections(page)
    assert found["NAME"][0].strip().startswith(f"{name} - ")
    shown = words(page)
    assert READ.functions[name].prototype in shown
    assert "may be called from any thread" in shown
    for error in READ.functions[name].comment.errors:
        assert f"CHAT_ERROR_{error}" in " ".join(found["ERRORS"])


@pytest.mark.parametrize("name", READ.types)
def test_a_type_has_a_page(build, name):
    page = build / "man" / f"{name}.3"
    definition = READ.types[name].definition.replace("/**<", "/*")
    assert " ".join(definition.split()) in words(page)


PROGRAMS = {path.name: path.read_text() for path in (ROOT / "examples").glob("*.c")}


@pytest.mark.parametrize("name", READ.functions)
def test_an_example_is_what_its_program_has(build, name):
    found = reference.Reference(READ, PROGRAMS).find_example(name)
    if found is None:
        pytest.skip("no program calls it")
    assert " ".join(found[2].split()) in words(build / "man" / f"{name}.3")


def test_only_types_with_text_in_them_speak_of_strings(build):
    speaking = {
        name for name in READ.types if "NUL-terminated" in words(build / f"man/{name}.3")
    }
    assert {"chat_entry", "chat_event_handler"} <= speaking
    assert not {"chat_client", "chat_error", "chat_role"} & speaking


def test_the_overview_leads_to_every_function():
    overview = (ROOT / "man/libchatclient.3.scd").read_text()
    assert [name for name in READ.functions if f"*{name}*(3)" not in overview] == []


def test_the_example_of_the_overview_is_the_program():
    overview = (ROOT / "man/libchatclient.3.scd").read_text()
    block = overview.split("# EXAMPLES", 1)[1].split("```\n")[1]
    assert block == (ROOT / "examples/hello.c").read_text()


def page_of(declaration):
    header = headers.read(BEGIN + declaration)
    return dict(reference.Reference(header, {}).pages())


def test_a_changed_header_changes_its_page():
    page = page_of(
        "/**\n * Greet `who`.\n *\n * Errors: STATE (too early).\n */\n"
        "CHAT_API int chat_greet(\n    const char *who);\n"
        "CHAT_ERROR_STATE = -3, /**< not now */\n"
    )["chat_greet"]
    assert "chat\\_greet - greet who" in page
    assert "int chat\\_greet(const char \\*who);" in page
    assert "CHAT\\_ERROR\\_STATE\n\ttoo early" in page


@pytest.mark.parametrize(
    "declaration",
    [
        "CHAT_API int chat_greet(void);\n",
        "/** Greet. And wait. */\nCHAT_API int chat_greet(void);\n",
        "/**\n * Greet.\n *\n * Errors: STATE or FULL.\n */\n"
        "CHAT_API int chat_greet(void);\n",
        "typedef struct chat_greeting {\n    int loud;\n} chat_greeting;\n",
    ],
)
def test_a_declaration_without_its_comment_ends_the_build(declaration):
    with pytest.raises(headers.Malformed):
        page_of(declaration)
