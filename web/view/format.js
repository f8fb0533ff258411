// Times and numbers in the reader's own language.

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const full = new Intl.DateTimeFormat(undefined, {
  dateStyle: "full",
  timeStyle: "medium",
});
const day = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  month: "long",
  day: "numeric",
});
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const number = new Intl.NumberFormat();

export const formatClock = (ts) => clock.format(ts);

// Without "am" and "pm", for where there is little room.
export function formatShortClock(ts) {
  const parts = clock.formatToParts(ts).filter(({ type }) => type !== "dayPeriod");
  return parts.map(({ value }) => value).join("").trim();
}

export const formatFull = (ts) => full.format(ts);
export const formatNumber = (value) => number.format(value);

function daysBetween(ts, now) {
  const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(ts) - midnight(now)) / 86400000);
}

function capitalize(string) {
  return string.charAt(0).toLocaleUpperCase() + string.slice(1);
}

export function formatDay(ts, now = Date.now()) {
  const days = daysBetween(ts, now);
  if (days === 0 || days === -1) return capitalize(relative.format(days, "day"));
  const sameYear = new Date(ts).getFullYear() === new Date(now).getFullYear();
  return capitalize((sameYear ? day : dayAndYear).format(ts));
}

export function plural(count, one, many) {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

export const formatCount = (count) => (count > 99 ? "99+" : String(count));
