// Starts the page: configuration, who the user is, then the app.

import { Storage } from "./storage.js";
import { App } from "./view/app.js";
import { SignInView } from "./view/signin.js";
import { setUpTheme } from "./view/theme.js";

const WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// `length` characters with 6 bits of randomness each.
function randomWord(length) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => WORD[byte & 63]).join("");
}

function openArea() {
  try {
    return window.localStorage;
  } catch {
    return null; // every access fails, which Storage expects
  }
}

async function loadConfig() {
  const defaults = { url: "/ws", subprotocol: true };
  try {
    const response = await fetch("./config.json", { cache: "no-store" });
    return response.ok ? { ...defaults, ...(await response.json()) } : defaults;
  } catch {
    return defaults;
  }
}

function socketUrl(url) {
  const absolute = new URL(url, location.href);
  absolute.protocol = absolute.protocol.replace(/^http/, "ws");
  return absolute.href;
}

// A WebSocket with the handlers that a session expects.
function connect(url, protocols) {
  const socket = new WebSocket(url, protocols);
  const transport = {
    onopen() {},
    onmessage() {},
    onclose() {},
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
  socket.onopen = () => transport.onopen();
  socket.onclose = (event) => transport.onclose(event.code);
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") transport.onmessage(data);
    else socket.close();
  };
  return transport;
}

const clock = {
  now: () => Date.now(),
  setTimeout: (f, delay) => setTimeout(f, delay),
  clearTimeout: (timer) => clearTimeout(timer),
};

const storage = new Storage(openArea());
setUpTheme();

const { url, subprotocol } = await loadConfig();
const services = {
  connect,
  clock,
  random: Math.random,
  // Keys begin with the time, as the SDK's do: a server keeps new ones together.
  makeKey: () => Date.now().toString(36) + randomWord(22),
  url: socketUrl(url),
  subprotocol,
  agent: "web",
};

const app = new App({
  services,
  storage,
  welcomed: () => signIn.hide(),
  refused: (reason) => signIn.refused(reason),
  leave,
});

let registering = { word: null, key: null };

// The key makes one account of repeated tries with one name and password.
function registrationKey({ user, password }) {
  const word = JSON.stringify([user, password]);
  if (registering.word !== word) registering = { word, key: randomWord(43) };
  return registering.key;
}

const signIn = new SignInView((credential) => {
  const { guest, register, login } = credential;
  const key = register ? registrationKey(register) : randomWord(43);
  const identity = guest ? { guest, key } : { account: (register ?? login).user, key };
  app.begin({ ...credential, key }, identity);
});

// The page begins anew, with nobody signed in, and says why.
function leave(problem, identity) {
  const { guest, account, token } = identity;
  const stored = storage.identity;
  const name = problem ? (guest ?? account) : "";
  storage.farewell = { problem, name, mode: account ? "login" : "guest" };
  app.end();
  // Another page may have signed in as somebody, or with a newer token.
  if (stored?.key === identity.key && stored.token === token) storage.forget();
  location.replace(location.pathname);
}

// Another page logged out, or in as somebody else.
window.addEventListener("storage", (event) => {
  if (storage.isIdentity(event.key) && !storage.isUser(app.key)) location.reload();
});

if (storage.identity) app.resume(storage.identity);
else signIn.show(storage.farewell);
storage.farewell = null;
