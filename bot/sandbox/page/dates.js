/** Moments in words, in the viewer's own time zone: message times, day dividers, Slack's date tokens. */

const LANGUAGE = "en-US";
const formats = {
  time: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  date: { month: "long", day: "numeric", year: "numeric" },
  date_short: { month: "short", day: "numeric", year: "numeric" },
  date_long: { weekday: "long", month: "long", day: "numeric", year: "numeric" },
  full: { dateStyle: "full", timeStyle: "medium" },
};
const written = (moment, form) => new Intl.DateTimeFormat(LANGUAGE, formats[form]).format(moment);

/**
 * Answer the moment of a message.
 * @param {string} ts Slack's timestamp, seconds and microseconds
 */
export function momentOf(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

/** Write the time of day: `14:02`. */
export function time(moment) {
  return written(moment, "time");
}

/** Write a moment in full, for tooltips. */
export function inFull(moment) {
  return written(moment, "full");
}

/** Answer a text that is the same for all moments of one day. */
export function dayOf(moment) {
  return `${moment.getFullYear()}-${moment.getMonth() + 1}-${moment.getDate()}`;
}

/** Write a day as a divider does: `Today`, `Yesterday`, `Monday, March 3`. */
export function day(moment, now = new Date()) {
  const near = nearDay(moment, now);
  return near ? near[0].toUpperCase() + near.slice(1) : written(moment, "date_long");
}

/** Write a day and a time in a sentence: `today at 14:02`. */
export function when(moment, now = new Date()) {
  const near = nearDay(moment, now) || written(moment, "date_short");
  return `${near} at ${time(moment)}`;
}

/**
 * Fill in the tokens of Slack's date format (docs.slack.dev, formatting message text, date formatting).
 * @param {number} unix seconds
 * @param {string} format such as `{date_short_pretty} at {time}`
 * @returns {string|null} null for a format with a token that is not known
 */
export function filledIn(unix, format, now = new Date()) {
  const moment = new Date(unix * 1000);
  if (Number.isNaN(moment.getTime())) return null;
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (_, token) => {
    const value = tokenValue(token, moment, now);
    known &&= value !== null;
    return value;
  });
  return known ? text : null;
}

function tokenValue(token, moment, now) {
  if (token === "ago") return ago(moment, now);
  if (token === "date_num") return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  if (token === "date_slash") return `${two(moment.getMonth() + 1)}/${two(moment.getDate())}/${moment.getFullYear()}`;
  if (token === "day_divider_pretty") return day(moment, now);
  const pretty = token.endsWith("_pretty");
  const form = pretty ? token.slice(0, -"_pretty".length) : token;
  if (!(form in formats) || form === "full") return null;
  return (pretty && nearDay(moment, now)) || written(moment, form);
}

/** Say how long ago (or how far ahead) a moment is: `5 minutes ago`. */
export function ago(moment, now = new Date()) {
  const seconds = (moment - now) / 1000;
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  const words = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
  return words.format(Math.round(seconds / size), unit);
}

/** Write an age as kubectl does: `45s`, `12m`, `3h`, `2d`. */
export function age(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 7200) return `${Math.floor(whole / 60)}m`;
  if (whole < 172800) return `${Math.floor(whole / 3600)}h`;
  return `${Math.floor(whole / 86400)}d`;
}

function nearDay(moment, now) {
  const days = { today: 0, yesterday: -1, tomorrow: 1 };
  for (const [name, offset] of Object.entries(days)) {
    const other = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
    if (dayOf(other) === dayOf(moment)) return name;
  }
  return "";
}

function two(number) {
  return String(number).padStart(2, "0");
}
