/** Conditional polling: asks with the last ETag, slows down while nobody answers or looks. */

const EVERY = 3000;
/** Milliseconds between requests for what changes rarely or costs more to answer. */
export const SLOWLY = 15000;
const SLOWEST = 60000;
const PATIENCE = 15000;

const known = new Map(); // path → {etag, body}: shared, so that a page that is opened again is there at once

/** What went wrong with a request; `status` 0 is no answer at all, `after` are milliseconds to wait. */
export class NoAnswer extends Error {
  constructor(status, detail, after = 0) {
    super(detail);
    Object.assign(this, { status, after });
  }
}

export class Feed {
  /** `path()` is what to ask for next; `onAnswer(body, serverTime)` gets each answer, the unchanged ones
   * too; `onFailure(NoAnswer)`; `every` are milliseconds. */
  constructor(path, { onAnswer, onFailure, headers = () => ({}), every = EVERY }) {
    Object.assign(this, { path, onAnswer, onFailure, headers, every, failures: 0, notBefore: 0, timer: 0, ended: false });
    this.wake = () => this.#askIn(0);
  }

  start() {
    document.addEventListener("visibilitychange", this.wake);
    const before = known.get(this.path());
    if (before) this.onAnswer(before.body, Date.now());
    this.ask();
    return this;
  }

  stop() {
    this.ended = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.wake);
  }

  /** Ask for the whole answer: it may differ for whoever has another key. */
  renew() {
    known.delete(this.path());
    return this.ask();
  }

  async ask() {
    clearTimeout(this.timer);
    const asked = (this.asked = Symbol("request"));
    try {
      const [body, time] = await request(this.path(), this.headers());
      if (this.ended || asked !== this.asked) return;
      Object.assign(this, { failures: 0, notBefore: 0 });
      this.onAnswer(body, time);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (this.ended || asked !== this.asked) return;
      this.failures += 1;
      this.notBefore = Date.now() + error.after;
      this.onFailure(error);
    }
    this.#askIn(pause(this.failures, this.every));
  }

  /** Ask in so many milliseconds, later if the server wants that, or when somebody looks again. */
  #askIn(wait) {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.ask(), Math.max(wait, this.notBefore - Date.now()));
  }
}

/** Milliseconds until the next request: doubled per failure, spread, so that not all ask at once. */
const pause = (failures, every) =>
  Math.min(SLOWEST, every * 2 ** failures) * (0.9 + 0.2 * Math.random());

async function request(path, headers) {
  const before = known.get(path);
  const conditional = before?.etag ? { "If-None-Match": before.etag } : {};
  const response = await reach(path, { ...headers, ...conditional });
  const time = Date.parse(response.headers.get("Date")) || Date.now();
  if (response.status === 304 && before) return [before.body, time];
  const body = await readable(response);
  if (!response.ok) throw new NoAnswer(response.status, body.detail ?? response.statusText, 1000 * (Number(response.headers.get("Retry-After")) || 0));
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
