/** What several pages show. */

import { h } from "./dom.js";
import { percent } from "./format.js";

const STATES = {
  consensus: "Enough validators agree on it",
  disputed: "Validators disagree on what matters",
  pending: "Waiting for a quorum",
  fallback: "No quorum: the best single report",
  stale: "Nobody has reported on it lately",
};

export const STATE_NAMES = Object.keys(STATES);

/** The state of a miner, in a word. */
export const badge = (state) => h("span", { class: `badge ${state}`, title: STATES[state] }, state);

/** A share 0–1 as a bar with its figure; `kind` "good" and "bad" colour it. */
export const meter = (share, kind = "") =>
  h("span", { class: `meter ${kind}`, vars: { "--share": share ?? 0 } }, h("span", { class: "figure" }, percent(share)));

/** A figure with its name and what it means. */
export const tile = (name, figure, note, kind = "") =>
  h("div", { class: `tile ${kind}` }, h("dt", {}, name), h("dd", { class: "figure" }, figure), h("dd", { class: "note" }, note));

/** A heading with the things that belong to it. */
export const panel = (title, ...children) => h("section", { class: "panel" }, h("h2", {}, title), ...children);

export const loading = (what) => h("p", { class: "quiet", "aria-busy": "true" }, `Loading ${what} …`);

/** Nothing could be shown at all: why, and what to do. */
export function failure(error, { unlock }) {
  if (error.status === 401 || error.status === 403) return lock(error, unlock);
  return h("div", { class: "notice bad", role: "alert" },
    h("strong", {}, "Nothing to show yet"), h("p", {}, `${sentence(error.message)} Trying again by itself.`));
}

function lock(error, unlock) {
  const input = h("input", { type: "password", id: "key", autocomplete: "off", required: true });
  const onsubmit = (event) => {
    event.preventDefault();
    unlock(input.value);
  };
  return h("form", { class: "notice", onsubmit },
    h("p", {}, `${sentence(error.message)} The key stays in this tab.`),
    h("label", { for: "key" }, "Key"), input, h("button", { type: "submit" }, "Open"));
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
