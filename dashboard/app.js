/** Routes, feeds and the state of the connection; each page only draws. */

import { h, fill } from "./dom.js";
import { Feed } from "./feed.js";
import { clock, duration } from "./format.js";
import { miner } from "./pages/miner.js";
import { network } from "./pages/network.js";
import { unknown } from "./pages/unknown.js";
import { validator } from "./pages/validator.js";
import { validators } from "./pages/validators.js";

const ROUTES = [
  [/^$/, network],
  [/^validators$/, validators],
  [/^validators\/(\d{1,5})$/, validator],
  [/^miners\/(\d{1,5})$/, miner],
];

/** Age of a snapshot, in seconds, from which it is called stale: two missed sweeps and a half. */
const STALE = 150;

const main = document.getElementById("main");
const status = document.getElementById("status");
let shown = null;

/** The subnet, if the page's address names one: `/?netuid=2`. */
const subnet = new URLSearchParams(location.search).get("netuid");
const address = (path) => `/api/v1/${path}${subnet === null ? "" : `${path.includes("?") ? "&" : "?"}netuid=${encodeURIComponent(subnet)}`}`;

/** A secret that this tab keeps. */
const secret = (name) => ({
  get: () => sessionStorage.getItem(name),
  set: (value) => sessionStorage.setItem(name, value),
  forget: () => sessionStorage.removeItem(name),
});
const keys = { read: secret("key"), audit: secret("audit-key") };
const bearer = (...known) => {
  const found = known.map((each) => each.get()).find(Boolean);
  return found ? { Authorization: `Bearer ${found}` } : {};
};

function open() {
  const path = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  if (path === "main") return;
  const [make, parameters] = route(path);
  const isFirst = shown === null;
  shown?.feeds.forEach((feed) => feed.stop());
  const page = make(...parameters, { audit, ask });
  shown = { page, latest: {}, failures: {}, feeds: [] };
  document.title = `${page.title} · Quorate`;
  fill(main, page.node);
  mark(path);
  if (!isFirst) main.focus({ preventScroll: true });
  scrollTo(0, 0);
  shown.feeds = Object.entries(page.feeds).map(([name, feed]) => follow(name, feed.path ? feed : { path: feed }));
  tell();
}

function route(path) {
  for (const [pattern, make] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return [make, found.slice(1).map(Number)];
  }
  return [unknown, []];
}

function mark(path) {
  const place = path.startsWith("validators") ? "#/validators" : "#/";
  for (const link of document.querySelectorAll("nav a"))
    link.toggleAttribute("aria-current", link.getAttribute("href") === place);
}

/** `aside`: what cannot be had of it is said in its own place, and needs the audit key to be whole. */
function follow(name, { path, every, aside = false }) {
  const own = shown;
  const onAnswer = (body, time) => {
    delete own.failures[name];
    own.latest = { ...own.latest, [name]: body, time };
    own.page.update(own.latest);
    tell();
  };
  const onFailure = (error) => {
    if (!aside) own.failures[name] = error;
    if (aside || !own.latest[name]) own.page.fail?.(name, error, { unlock });
    tell();
  };
  const headers = () => (aside ? bearer(keys.audit, keys.read) : bearer(keys.read));
  return new Feed(() => address(typeof path === "function" ? path() : path), { onAnswer, onFailure, headers, every }).start();
}

/** Use a key from now on. */
function unlock(value) {
  keys.read.set(value);
  renew();
}

/** The audit key, for the page that asks for it; null forgets it. */
const audit = {
  get: keys.audit.get,
  use(value) {
    if (value === null) keys.audit.forget();
    else keys.audit.set(value);
    renew();
  },
};

/** Ask for everything now: the page wants something else than before. */
const ask = () => shown.feeds.forEach((feed) => feed.ask());

const renew = () => shown.feeds.forEach((feed) => feed.renew());

/** Say in the header how fresh the figures are; the words change rarely, for who has them read out. */
function tell() {
  const [kind, words] = condition();
  if (status.dataset.kind === kind && status.textContent === words) return;
  status.dataset.kind = kind;
  fill(status, h("span", { class: "dot", "aria-hidden": "true" }), words);
}

function condition() {
  const { latest, failures } = shown;
  const body = Object.values(latest).find((each) => each?.timestamp);
  const [failure] = Object.values(failures);
  if (failure) return ["bad", body ? `Offline: figures of ${clock(body.timestamp)}` : "No answer"];
  if (!body) return ["wait", Object.keys(shown.page.feeds).length ? "Loading" : ""];
  const age = (latest.time - Date.parse(body.timestamp)) / 1000;
  if (age > STALE && latest.network?.processing_mode !== "empty")
    return ["late", `Stale: figures are ${duration(age)} old`];
  return ["good", "Live"];
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", open);
open();
