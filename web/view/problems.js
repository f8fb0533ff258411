// What the server's refusals mean to whom they meet.

const PROBLEMS = {
  forbidden: "You may not do that here.",
  not_found: "That is not there any more.",
  too_large: "That is too much.",
  rate_limited: "Too fast. Wait a moment and try again.",
  busy: "The server is busy. Try again in a moment.",
  storage: "The server could not keep it. Try again in a moment.",
  network: "The connection was lost. Try again.",
};

// `own` are better words for some codes, where one knows what was asked.
export function problemOf({ code, message }, own = {}) {
  return own[code] ?? PROBLEMS[code] ?? message;
}
