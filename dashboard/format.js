/** Figures as people read them; what is not known is a dash. */

const UNKNOWN = "–";

export const percent = (share, digits = 0) =>
  share === null || share === undefined ? UNKNOWN : `${(100 * share).toFixed(digits)} %`;

export const number = (value, digits = 2) =>
  value === null || value === undefined
    ? UNKNOWN
    : value.toLocaleString("en", { maximumFractionDigits: digits });

export const milliseconds = (value) =>
  value === null || value === undefined
    ? UNKNOWN
    : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;

export const short = (hotkey) => (hotkey ? `${hotkey.slice(0, 5)}…${hotkey.slice(-4)}` : UNKNOWN);

/** Seconds as "12 s", "3 min", "5 h" or "2 d". */
export function duration(seconds) {
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]])
    if (seconds >= 1.5 * size) return `${Math.round(seconds / size)} ${unit}`;
  return `${Math.max(0, Math.round(seconds))} s`;
}

/** How long before `now` (milliseconds) an RFC 3339 time was. */
export const ago = (time, now) =>
  time ? `${duration((now - Date.parse(time)) / 1000)} ago` : "never";

/** Time of day where the reader is. */
export const clock = (time) => new Date(time).toLocaleTimeString("en", { hour12: false });

export const plural = (count, one, many = `${one}s`) => `${number(count, 0)} ${count === 1 ? one : many}`;

/** A value of any JSON type. */
export function value(any) {
  if (any === true) return "yes";
  if (any === false) return "no";
  if (typeof any === "number") return String(Number(any.toFixed(4)));
  return typeof any === "string" ? any : JSON.stringify(any);
}
