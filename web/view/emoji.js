// The picker of emoji: those used last, the usual ones, and a box for any.

import { isEmoji } from "../names.js";
import { element } from "./dom.js";
import { moveByArrows, openPopover } from "./popover.js";

const COLUMNS = 8;

// In the form that Unicode calls fully qualified.
const USUAL = {
  "👍": "thumbs up", "👎": "thumbs down", "❤️": "heart", "😂": "tears of joy",
  "😄": "grin", "😊": "smile", "😉": "wink", "😍": "heart eyes",
  "🤔": "thinking", "😮": "surprised", "😢": "crying", "😭": "sobbing",
  "😅": "sweat", "😎": "cool", "🙄": "rolling eyes", "😡": "angry",
  "🎉": "party", "🚀": "rocket", "👀": "eyes", "🙏": "thanks",
  "👏": "applause", "🙌": "raised hands", "💪": "strong", "👋": "wave",
  "✅": "done", "❌": "cross", "⚠️": "warning", "❓": "question",
  "💯": "hundred", "🔥": "fire", "✨": "sparkles", "⭐": "star",
  "☕": "coffee", "🍕": "pizza", "🎂": "cake", "🍺": "beer",
  "🦆": "duck", "🐛": "bug", "🐢": "turtle", "🌻": "sunflower",
};

export const emojiName = (emoji) => USUAL[emoji] ?? emoji;

// pick(emoji) is told what was chosen.
export function openEmojiPicker(anchor, { recent, pick, focusBack }) {
  let popover = null;
  const choose = (emoji) => {
    popover.close();
    pick(emoji);
  };
  const button = (emoji) => {
    const attributes = { type: "button", "aria-label": emojiName(emoji), title: emojiName(emoji) };
    return element("button", { ...attributes, onclick: () => choose(emoji) }, emoji);
  };
  const others = Object.keys(USUAL).filter((emoji) => !recent.includes(emoji));
  const grid = element("div", { class: "emoji-grid" }, ...recent.map(button), ...others.map(button));
  moveByArrows(grid, COLUMNS);
  popover = openPopover(anchor, [grid, anyEmoji(choose)], { label: "Pick a reaction", focusBack });
}

function anyEmoji(choose) {
  const problem = element("p", { class: "problem", role: "alert" });
  const input = element("input", {
    "aria-label": "Another emoji",
    placeholder: "Another emoji",
    autocomplete: "off",
  });
  const submit = (event) => {
    event.preventDefault();
    const emoji = input.value.trim();
    if (isEmoji(emoji)) choose(emoji);
    else problem.textContent = "That is no single emoji.";
  };
  return element("form", { onsubmit: submit }, input, problem);
}
