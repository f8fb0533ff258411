"""The pictures as a browser shows them, on light ground and on dark."""

import diagrams
import pytest

SOURCES = diagrams.sources()
GROUND = {"light": (255, 255, 255), "dark": (13, 17, 23)}

# Of each text: its color, and what it stands on: the smallest box around its
# middle. Boxes that do not hold the whole of their own text are told.
LOOK = """() => {
  const inside = (box, x, y) =>
    box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
  const boxes = [...document.querySelectorAll("g.node > path")].map((path) => ({
    box: path.getBoundingClientRect(),
    fill: getComputedStyle(path).fill,
    group: path.parentNode,
  }));
  boxes.sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height);
  return [...document.querySelectorAll("text")].map((text) => {
    const box = text.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const own = boxes.find((each) => each.group === text.parentNode);
    const under = boxes.find((each) => inside(each.box, x, y));
    return {
      text: text.textContent,
      color: getComputedStyle(text).fill,
      ground: under ? under.fill : "none",
      fits: !own || (inside(own.box, box.left, box.top) &&
                     inside(own.box, box.right, box.bottom)),
    };
  });
}"""


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


def look(browser, source, scheme):
    page = browser.open(source.with_suffix(".svg").as_uri())
    page.page.emulate_media(color_scheme=scheme)
    texts = page.page.evaluate(LOOK)
    page.close()
    return texts


def rgb(color, scheme):
    if color == "none":
        return GROUND[scheme]
    return tuple(int(part) for part in color.removeprefix("rgb(")[:-1].split(","))


def luminance(color):
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [part / 255 for part in color]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    dark, light = sorted(luminance(color) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_is_readable(browser, source, scheme):
    for text in look(browser, source, scheme):
        color, ground = (rgb(text[key], scheme) for key in ("color", "ground"))
        assert contrast(color, ground) >= 4.5, (text, color, ground)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_words_fit_their_boxes(browser, source):
    texts = look(browser, source, "light")
    assert len(texts) > 15
    assert [text["text"] for text in texts if not text["fits"]] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_light_and_dark_differ(browser, source):
    light, dark = (look(browser, source, scheme) for scheme in ("light", "dark"))
    assert all(a["color"] != b["color"] for a, b in zip(light, dark))
