// Elements without markup: what is shown arrives as text nodes and attributes,
// so nothing that a stranger wrote is ever parsed.

const SVG = "http://www.w3.org/2000/svg";

export const find = (id) => document.getElementById(id);

// element("p", {class: "x", onclick: f, hidden: true}, "text", child, null)
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

const ICONS = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M4 7h16M4 12h16M4 17h10",
  send: "M5 12h13M12.5 6l6 6-6 6",
  leave: "M7 20V5.5A1.5 1.5 0 0 1 8.5 4h7A1.5 1.5 0 0 1 17 5.5V20M4.5 20h15M13.5 12v.5",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1",
  dark: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  system: "M4.5 5h15v10.5h-15zM9 19.5h6M12 15.5v4",
  down: "M12 5v13M6 12.5l6 6 6-6",
  reply: "M9.5 7L4.5 12l5 5M5 12h8.5a6 6 0 0 1 6 6v.5",
  clock: "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M12 8v4.2l2.8 1.8",
  check: "M5.5 12.5l4.2 4.2 8.8-9.4",
  alert: "M12 7.5v5.5M12 16.4v.1M12 3.8a8.2 8.2 0 1 0 0 16.4 8.2 8.2 0 0 0 0-16.4",
  signout: "M14 5H6.5A1.5 1.5 0 0 0 5 6.5v11A1.5 1.5 0 0 0 6.5 19H14M10.5 12H20M16.5 8.5L20 12l-3.5 3.5",
  edit: "M4.5 19.5l1-4L16 5l3 3L8.5 18.500zM13.5 7.500l3 3",
  trash: "M5 7h14M9.5 7V4.500h5V7M7 7l.8 12.500h8.400L17 7M10.5 11v5M13.5 11v5",
  smile: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M8.5 14c.8 1.5 2 2.2 3.5 2.200s2.7-.7 3.5-2.200M9.2 9.500v.6M14.8 9.500v.6",
  people: "M9 5.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6M3.5 19c.3-3.2 2.4-5 5.5-5s5.2 1.8 5.5 5M15.5 6a2.8 2.8 0 0 1 0 5.300M17 14.300c2.1.6 3.3 2.2 3.5 4.7",
  person: "M12 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M5.5 20c.4-3.6 2.8-5.5 6.5-5.500s6.1 1.9 6.5 5.5",
  lock: "M7 11h10v8.500H7zM9 11V8a3 3 0 0 1 6 0v3",
  more: "M6 12v.1M12 12v.1M18 12v.1",
  at: "M12 8.500a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M15.5 8.500v4.700c0 1.5.8 2.3 2 2.3 1.5 0 2.5-1.5 2.5-3.500a8 8 0 1 0-3 6.2",
  hash: "M9.5 4.5L7.5 19.5M16.5 4.5l-2 15M5 9.5h14.5M4.5 14.5H19",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// One of twelve hues, always the same for a user.
function hueOf(id) {
  let sum = 0;
  for (const digit of id) sum = (sum * 31 + digit.charCodeAt(0)) % 9973;
  return sum % 12;
}

export const hueClass = (id) => `hue-${hueOf(id)}`;

// The first grapheme of up to two words.
export function initials(name) {
  const segments = (word) => [...new Intl.Segmenter().segment(word)];
  const first = (word) => segments(word)[0]?.segment ?? "";
  const words = name.split(" ").filter(Boolean);
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  return picked.map(first).join("").toLocaleUpperCase();
}

export function avatar({ id, name }) {
  const classes = `avatar ${hueClass(id)}`;
  return element("span", { class: classes, "aria-hidden": "true" }, initials(name));
}
