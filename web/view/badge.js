// Unread messages in the title and on the tab's icon.

import { find } from "./dom.js";
import { formatCount } from "./format.js";

function iconWith(count) {
  const size = count.length > 2 ? 11 : 14;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#17594a"/>
<path d="M6 9.5A3.5 3.5 0 0 1 9.5 6h9A3.5 3.5 0 0 1 22 9.5v5a3.5 3.5 0 0 1-3.5 3.5H13l-5 4.5V18a3 3 0 0 1-2-3z" fill="#f6f1e7"/>
<circle cx="22" cy="22" r="10" fill="#c8452c"/>
<text x="22" y="27" font-family="sans-serif" font-size="${size}" font-weight="700" text-anchor="middle" fill="#fff">${count}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

let shown = null;

// `title` of the room that is open; "@" when somebody mentions the reader.
export function showBadge(title, unread, mentions) {
  const place = title ? `${title} · Chat` : "Chat";
  const news = `${mentions > 0 ? "@ " : ""}${formatCount(unread)}`;
  document.title = unread > 0 ? `(${news}) ${place}` : place;
  if (shown === unread) return;
  shown = unread;
  find("favicon").href = unread > 0 ? iconWith(formatCount(unread)) : "icon.svg";
}
