#!/usr/bin/env python3
"""The diagrams of docs/images, of their .dot; ./dev diagrams.

Graphviz draws them; colors then come from diagrams.css, by the classes that the
.dot gives, so that a picture is readable on light ground and on dark. Each .svg
has a digest of what it was made of, by which a test sees that it is not old.
"""

import hashlib
import pathlib
import re
import subprocess
import xml.etree.ElementTree as tree

ROOT = pathlib.Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"
STYLE = ROOT / "tools/diagrams.css"
SVG = "http://www.w3.org/2000/svg"
# What Graphviz writes of colors and fonts, which the style says instead.
LOOKS = ("fill", "stroke", "stroke-dasharray", "font-family")
NOTE = "gray"  # in the .dot


def sources():
    return sorted(IMAGES.glob("*.dot"))


def digest(source):
    parts = (source, STYLE, pathlib.Path(__file__))
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def caption(source):
    """What one hears who does not see it."""
    return re.search(r'^ +comment="(.+)"', source.read_text(), re.M)[1]


def tag(name):
    return f"{{{SVG}}}{name}"


def plain(element):
    """Without looks; the gray of a note becomes a class."""
    if element.get("fill") == NOTE:
        element.set("class", "note")
    for look in LOOKS:
        element.attrib.pop(look, None)


def strip(root):
    graph = root.find(tag("g"))
    for child in list(graph):
        # The ground, and a title that is no one's.
        if child.tag in (tag("polygon"), tag("title")):
            graph.remove(child)
    for group in list(graph):
        if "bend" in group.get("class", "").split():
            graph.remove(group)
    for group in root.iter(tag("g")):
        group.attrib.pop("id", None)
        for title in group.findall(tag("title")):
            group.remove(title)
    for element in root.iter():
        plain(element)


def dressed(root, source):
    root.attrib.update({"role": "img", "data-source": digest(source)})
    title = tree.Element(tag("title"))
    title.text = caption(source)
    style = tree.Element(tag("style"))
    style.text = "\n" + STYLE.read_text()
    root[:0] = [title, style]
    return root


def without_comments(root):
    """Who made it, with a version, would make each drawing another."""
    return "\n".join(
        line.rstrip() for line in tree.tostring(root, "unicode").splitlines() if line
    )


def draw(source):
    drawn = subprocess.run(
        ["dot", "-Tsvg", source], capture_output=True, check=True, text=True
    )
    tree.register_namespace("", SVG)
    root = tree.fromstring(drawn.stdout)
    strip(root)
    return without_comments(dressed(root, source)) + "\n"


if __name__ == "__main__":
    for each in sources():
        each.with_suffix(".svg").write_text(draw(each))
