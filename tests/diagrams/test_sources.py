"""Each picture is of its source, and that of AWS is of the templates."""

import html
import re
import xml.etree.ElementTree as tree

import diagrams
import pytest
import templates as reader

SOURCES = diagrams.sources()
AWS = (diagrams.IMAGES / "aws.dot").read_text()
ids = {"ids": lambda source: source.stem}


def drawing(source):
    return tree.parse(source.with_suffix(".svg")).getroot()


def words_of_source(source):
    """All that stands in labels, without their marks."""
    text = source.read_text()
    labels = re.findall(r'[ \[]label="(.*?)"', text)
    labels += re.findall(r"[ \[]label=<(.+)>[\],]", text)
    bare = re.sub(r"<.*?>|\\[lrn]", " ", " ".join(labels))
    return sorted(html.unescape(bare).split())


def words_of_drawing(source):
    texts = drawing(source).iter(diagrams.tag("text"))
    return sorted(" ".join(text.text for text in texts).split())


def test_there_are_pictures():
    assert {source.stem for source in SOURCES} == {"aws", "single"}


@pytest.mark.parametrize("source", SOURCES, **ids)
def test_is_made_of_what_is_there(source):
    made_of = drawing(source).get("data-source")
    assert made_of == diagrams.digest(source), "./dev diagrams draws it anew"


@pytest.mark.parametrize("source", SOURCES, **ids)
def test_says_what_its_source_says(source):
    assert words_of_drawing(source) == words_of_source(source)


@pytest.mark.parametrize("source", SOURCES, **ids)
def test_has_each_line_of_its_source(source):
    lines = re.findall(r"^ +\w+ -> \w+", source.read_text(), re.M)
    edges = [
        group
        for group in drawing(source).iter(diagrams.tag("g"))
        if group.get("class", "").startswith("edge")
    ]
    assert len(edges) == len(lines) > 5


@pytest.mark.parametrize("source", SOURCES, **ids)
def test_says_nothing_of_who_drew_it(source):
    text = source.with_suffix(".svg").read_text()
    assert "raphviz" not in text
    assert not re.search(r"(fill|stroke)=\"", text)


def test_parts_are_what_the_templates_make():
    made = {resource["Type"] for _, resource in reader.resources(reader.load())}
    shown = {f"AWS::{kind}" for kind in re.findall(r'comment="(\w+::\w+)"', AWS)}
    assert len(shown) >= 12
    assert shown <= made


def test_tables_are_the_templates():
    tables = {
        reader.text(table["TableName"]).removeprefix("${Name}-")
        for _, table in reader.properties(reader.load(), "AWS::DynamoDB::Table")
    }
    shown = set(re.findall(r'class=data, .*label="([a-z-]+)"', AWS))
    assert len(shown) == 3 and shown < tables
    assert len(tables) - len(shown) == 6 and "and six more" in AWS


def test_weights_are_the_templates():
    parameters = reader.load()["root.yml"]["Parameters"]
    blue, green = (parameters[f"{c}Weight"]["Default"] for c in ("Blue", "Green"))
    assert f"weights, {blue} / {green}" in AWS
