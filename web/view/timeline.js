// The room's log on the screen: a window of rows that slides over what the
// client holds, so that the page stays light however long the log is. What
// the reader looks at never moves when rows come or go above it.

import { permits } from "../people.js";
import { makeRows } from "../rows.js";
import { element, find, icon } from "./dom.js";
import { openEmojiPicker } from "./emoji.js";
import { plural } from "./format.js";
import { rowNode, signature } from "./message.js";
import { titleNode } from "./title.js";

const WINDOW = 200; // entries that have rows
const STEP = 60; // by which the window slides
const NEAR = 900; // pixels from an edge at which it does
const BOTTOM = 40; // pixels that still count as the bottom

// Gives the focus to what stands in the place of what had it.
function focusWithin(node) {
  const active = document.activeElement;
  if (!node.contains(active)) return null;
  const { emoji } = active.dataset;
  const label = active.getAttribute("aria-label");
  return (other) => {
    const buttons = [...other.querySelectorAll("button")];
    const same = buttons.find((button) =>
      emoji ? button.dataset.emoji === emoji : button.getAttribute("aria-label") === label,
    );
    (active === node ? other : (same ?? other)).focus({ preventScroll: true });
  };
}

export class TimelineView {
  #client;
  #scroller = find("scroller");
  #log = find("log");
  #pill = find("pill");
  #head = element("div", { class: "log-head" });
  #room = null;
  #from = 0; // the window, in seqs, both included
  #to = -1;
  #following = true; // the window ends with the log, and its end is in view
  #opening = false; // the first rows are still to be placed
  #drawnFrom = 0; // as of the last drawing
  #drawnFollowing = false;
  #nodes = new Map(); // row key -> {node, signature}
  #actions;
  #scheduled = false;
  #height = 0;
  #quietTimer = null;

  constructor(client, actions) {
    this.#client = client;
    this.#actions = {
      ...actions,
      entry: (seq) => this.#timeline?.at(seq),
      text: (seq) => this.#timeline?.text(seq),
      context: () => this.#context(),
      pick: (seq, button) => this.#pick(seq, button),
      goTo: (seq) => this.goTo(seq),
    };
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#scroller.addEventListener("keydown", (event) => this.#key(event));
    this.#pill.addEventListener("click", () => this.toBottom());
    new ResizeObserver(() => this.#resized()).observe(this.#scroller);
    new ResizeObserver(() => this.#resized()).observe(this.#log);
  }

  get #timeline() {
    return this.#client.rooms.get(this.#room)?.timeline;
  }

  // Is the newest entry before the reader's eyes?
  get atBottom() {
    return this.#following;
  }

  open(room) {
    this.#room = room;
    this.#following = true;
    this.#opening = true;
    this.#nodes.clear();
    this.#quietly(() => this.#log.replaceChildren(this.#head));
    this.schedule();
  }

  schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.render();
    });
  }

  render() {
    const timeline = this.#timeline;
    if (!timeline || timeline.last === null) return;
    const wasFollowing = this.#drawnFollowing && !this.#opening;
    this.#slide(timeline);
    const update = () => this.#keepPlace(() => this.#draw(timeline));
    if (wasFollowing && this.#following && this.#from >= this.#drawnFrom) update();
    else this.#quietly(update);
    this.#drawnFrom = this.#from;
    this.#drawnFollowing = this.#following;
    if (this.#opening && (timeline.entries.length > 0 || !timeline.hasOlder)) {
      this.#place();
    }
    this.#showPill();
    this.#nearEdges();
  }

  // Keeps the window inside the log, and at its end while following.
  #slide(timeline) {
    const { start, last } = timeline;
    if (this.#following || this.#to < start) {
      this.#to = last;
      const grown = this.#to - this.#from + 1 > WINDOW + STEP;
      if (this.#opening || grown || this.#from < start) {
        this.#from = Math.max(start, last - WINDOW + 1);
      }
    }
    this.#to = Math.min(this.#to, last);
    this.#from = Math.max(start, Math.min(this.#from, this.#to));
  }

  #draw(timeline) {
    const room = this.#client.rooms.get(this.#room);
    const rows = makeRows({
      timeline,
      from: this.#from,
      to: this.#to,
      pending: this.#client.pending(this.#room),
      user: this.#client.user,
      mark: room.mark,
    });
    this.#drawHead(timeline);
    this.#reconcile(rows);
  }

  #drawHead(timeline) {
    const older = timeline.hasOlder || this.#from > timeline.start;
    const state = older ? "older" : "begin";
    if (this.#head.dataset.state === state && this.#head.dataset.room === this.#room) return;
    this.#head.dataset.state = state;
    this.#head.dataset.room = this.#room;
    if (older) {
      this.#head.replaceChildren(element("p", { class: "loading" }, "Earlier messages…"));
    } else {
      this.#head.replaceChildren(
        element("h2", {}, titleNode(this.#client, this.#room)),
        element("p", {}, "This is where the room begins."),
      );
    }
  }

  // The elements become those of `rows`; unchanged ones are not touched.
  #reconcile(rows) {
    const nodes = new Map();
    let place = this.#head.nextSibling;
    for (const row of rows) {
      const sign = signature(row, this.#actions);
      const known = this.#nodes.get(row.key);
      let node = known?.node;
      if (!known || known.signature !== sign) {
        node = rowNode(row, this.#actions);
        if (known) {
          if (known.node === place) place = node;
          const focus = focusWithin(known.node);
          known.node.replaceWith(node);
          focus?.(node);
        }
      }
      nodes.set(row.key, { node, signature: sign });
      if (node === place) place = place.nextSibling;
      else this.#log.insertBefore(node, place);
    }
    for (const [key, { node }] of this.#nodes) {
      if (!nodes.has(key)) node.remove();
    }
    this.#nodes = nodes;
    this.#letIn();
  }

  // What messages need to know of the room and the user.
  #context() {
    const { user, names } = this.#client;
    const role = this.#client.rooms.get(this.#room)?.role;
    return { user, names, mayDelete: permits(role, "delete") };
  }

  #pick(seq, button) {
    openEmojiPicker(button, {
      recent: this.#actions.recentEmoji(),
      pick: (emoji) => this.#actions.react(seq, emoji, true),
      focusBack: () => this.#log.querySelector(`[data-seq="${seq}"]`),
    });
  }

  // ---- places

  // Changes rows; then the first visible one is where it was.
  #keepPlace(change) {
    const scroller = this.#scroller;
    const top = scroller.getBoundingClientRect().top;
    const anchor = this.#following ? null : this.#firstVisible(top);
    const offset = anchor?.getBoundingClientRect().top;
    change();
    if (this.#following) {
      if (!this.#opening) this.#pin();
    } else if (anchor?.isConnected) {
      scroller.scrollTop += anchor.getBoundingClientRect().top - offset;
    }
  }

  #firstVisible(top) {
    const nodes = [...this.#nodes.values()].map(({ node }) => node);
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (nodes[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    return nodes[low];
  }

  #pin() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#height = this.#scroller.clientHeight;
  }

  // The first look at a room: at its end, or at what is new if that is more
  // than one screen.
  #place() {
    this.#opening = false;
    this.#pin();
    const mark = this.#nodes.get("mark")?.node;
    if (mark) {
      const above =
        mark.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
      if (above < 0) {
        this.#following = false;
        this.#scroller.scrollTop += above - this.#scroller.clientHeight / 4;
      }
    }
    this.#actions.watched();
  }

  #distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #scrolled() {
    if (this.#opening) return;
    // A keyboard that slides in, or a resize, is not the reader's scrolling.
    if (this.#scroller.clientHeight !== this.#height && this.#following) return;
    // Between an entry's coming and its drawing the end that is drawn is not the
    // newest: that does not take who follows it away.
    const newest = this.#following || this.#to === this.#timeline?.last;
    const following = newest && this.#distance() <= BOTTOM;
    if (following !== this.#following) {
      this.#following = following;
      this.#showPill();
      this.#actions.watched();
    }
    this.#nearEdges();
  }

  #resized() {
    if (this.#following && !this.#opening) this.#pin();
    this.#height = this.#scroller.clientHeight;
  }

  #nearEdges() {
    const timeline = this.#timeline;
    if (!timeline || this.#opening) return;
    if (this.#scroller.scrollTop < NEAR) {
      if (this.#from > timeline.start) this.#shift(-STEP);
      else this.#client.older(this.#room);
    } else if (this.#distance() < NEAR && this.#to < timeline.last) {
      this.#shift(STEP);
    }
  }

  // Slides the window; the other end follows once it is full.
  #shift(step) {
    const { start, last } = this.#timeline;
    if (step < 0) {
      this.#from = Math.max(start, this.#from + step);
      if (!this.#following) this.#to = Math.min(this.#to, this.#from + WINDOW - 1);
    } else {
      this.#to = Math.min(last, this.#to + step);
      this.#from = Math.max(this.#from, this.#to - WINDOW + 1);
    }
    this.schedule();
  }

  toBottom() {
    if (!this.#timeline) return;
    this.#following = true;
    this.#to = -1;
    this.render();
    this.#pin();
    this.#actions.watched();
  }

  // To a message that a reply names; older pages are loaded until it is here.
  goTo(seq) {
    const timeline = this.#timeline;
    if (!timeline) return;
    if (seq < timeline.start) {
      const room = this.#room;
      this.#client.older(room, () => {
        if (room === this.#room && timeline.start > 1) this.goTo(seq);
        else if (room === this.#room && timeline.at(seq)) this.#show(seq);
      });
    } else if (timeline.at(seq)) {
      this.#show(seq);
    }
  }

  #show(seq) {
    const timeline = this.#timeline;
    if (seq < this.#from || seq > this.#to) {
      this.#following = false;
      this.#from = Math.max(timeline.start, seq - STEP);
      this.#to = Math.min(timeline.last, this.#from + WINDOW - 1);
      this.render();
    }
    const node = this.#log.querySelector(`[data-seq="${seq}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.focus({ preventScroll: true });
    node?.classList.add("flash");
    node?.addEventListener("animationend", () => node.classList.remove("flash"), { once: true });
  }

  #showPill() {
    const room = this.#client.rooms.get(this.#room);
    const away = !this.#following && Boolean(room);
    this.#pill.hidden = !away;
    if (!away) return;
    const unread = room.unread;
    const label = unread > 0 ? plural(unread, "new message", "new messages") : "To the newest";
    this.#pill.classList.toggle("fresh", unread > 0);
    this.#pill.replaceChildren(icon("down"), label);
  }

  // ---- keyboard and screen readers

  // History and other rooms are not read out.
  #quietly(change) {
    this.#log.setAttribute("aria-live", "off");
    change();
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#log.setAttribute("aria-live", "polite"), 500);
  }

  // Tab reaches one message, the last one that had the focus or the newest.
  #letIn(message) {
    const messages = [...this.#log.querySelectorAll(".message")];
    const reached = message ?? messages.find((node) => node.contains(document.activeElement)) ?? messages.at(-1);
    for (const node of messages) node.tabIndex = node === reached ? 0 : -1;
  }

  #key(event) {
    const message = event.target.closest(".message");
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "End" && !event.shiftKey) {
      event.preventDefault();
      this.toBottom();
    } else if (event.target === message) {
      this.#keyOn(message, event);
    }
  }

  #keyOn(message, event) {
    const steps = { ArrowUp: -1, ArrowDown: 1 };
    const labels = { r: "Reply", e: "Edit", a: "React", delete: "Delete" };
    if (event.key in steps) {
      event.preventDefault();
      this.#move(message, steps[event.key]);
      return;
    }
    const label = labels[event.key.toLowerCase()];
    const tool = label && message.querySelector(`.tools [aria-label="${label}"]`);
    if (!tool) return;
    event.preventDefault();
    tool.click();
  }

  #move(message, step) {
    const messages = [...this.#log.querySelectorAll(".message")];
    const next = messages[messages.indexOf(message) + step];
    if (next) this.#letIn(next);
    if (next) next.focus();
    else if (step > 0) this.#actions.compose();
  }
}
