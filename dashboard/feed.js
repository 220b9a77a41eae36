/** Conditional polling: asks with the last ETag, slows down while nobody answers or looks. */

const EVERY = 3000;
const SLOWEST = 60000;
const PATIENCE = 15000;

const known = new Map(); // path → {etag, body}: shared, so that a page that is opened again is there at once

/** What went wrong with a request; `status` 0 is no answer at all. */
export class NoAnswer extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export class Feed {
  /** `onAnswer(body, serverTime)` for each answer, the unchanged ones too; `onFailure(NoAnswer)`. */
  constructor(path, { onAnswer, onFailure, headers = () => ({}) }) {
    Object.assign(this, { path, onAnswer, onFailure, headers, failures: 0, timer: 0, ended: false });
    this.wake = () => !document.hidden && this.ask();
  }

  start() {
    document.addEventListener("visibilitychange", this.wake);
    const before = known.get(this.path);
    if (before) this.onAnswer(before.body, Date.now());
    this.ask();
    return this;
  }

  stop() {
    this.ended = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.wake);
  }

  async ask() {
    clearTimeout(this.timer);
    const asked = (this.asked = Symbol(this.path));
    try {
      const [body, time] = await request(this.path, this.headers());
      if (this.ended || asked !== this.asked) return;
      this.failures = 0;
      this.onAnswer(body, time);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (this.ended || asked !== this.asked) return;
      this.failures += 1;
      this.onFailure(error);
    }
    if (!document.hidden) this.timer = setTimeout(() => this.ask(), pause(this.failures));
  }
}

/** Milliseconds until the next request: doubled per failure, spread, so that not all ask at once. */
export const pause = (failures) =>
  Math.min(SLOWEST, EVERY * 2 ** failures) * (0.9 + 0.2 * Math.random());

async function request(path, headers) {
  const before = known.get(path);
  const conditional = before?.etag ? { "If-None-Match": before.etag } : {};
  const response = await reach(path, { ...headers, ...conditional });
  const time = Date.parse(response.headers.get("Date")) || Date.now();
  if (response.status === 304 && before) return [before.body, time];
  const body = await readable(response);
  if (!response.ok) throw new NoAnswer(response.status, body.detail ?? response.statusText);
  known.set(path, { etag: response.headers.get("ETag"), body });
  return [body, time];
}

async function reach(path, headers) {
  try {
    return await fetch(path, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new NoAnswer(0, error.name === "TimeoutError" ? "no answer in time" : "the server cannot be reached");
  }
}

async function readable(response) {
  try {
    return await response.json();
  } catch {
    throw new NoAnswer(response.status, "the answer cannot be read");
  }
}
