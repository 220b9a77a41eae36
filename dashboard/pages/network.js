/** The subnet at a glance: key figures, who stands out, every miner. */

import { agreementMap, noteworthy } from "../agreement.js";
import { h, fill } from "../dom.js";
import { ago, milliseconds, number, percent, plural, short } from "../format.js";
import { STATE_NAMES, badge, failure, loading, meter, panel, tile } from "../parts.js";
import { Table } from "../table.js";

const COLUMNS = [
  { name: "Miner", by: (m) => m.uid, cell: (m) => h("a", { href: `#/miners/${m.uid}` }, m.uid), kind: "number" },
  { name: "Hotkey", by: (m) => m.hotkey, cell: (m) => h("code", { title: m.hotkey }, short(m.hotkey)), kind: "wide" },
  { name: "State", by: (m) => STATE_NAMES.indexOf(m.state), cell: (m) => badge(m.state) },
  { name: "Confidence", by: (m) => m.consensus_confidence, cell: (m) => meter(m.consensus_confidence), desc: true },
  { name: "Availability", title: "How well it can take work now, 0.1–1", by: (m) => m.availability_score,
    cell: (m) => number(m.availability_score), kind: "number", desc: true },
  { name: "Performance", by: (m) => m.performance_score, cell: (m) => number(m.performance_score), kind: "number", desc: true },
  { name: "Load", by: (m) => (m.current_load ?? 0) / (m.max_capacity ?? 1), cell: load, kind: "number wide" },
  { name: "Serving", by: (m) => Number(m.is_serving ?? -1), cell: (m) => ({ true: "yes", false: "no" })[m.is_serving] ?? "–", desc: true },
  { name: "Conflicts", by: (m) => m.conflicts_detected.length, cell: conflicts, desc: true },
  { name: "Validators", by: (m) => m.consensus_validators.length, cell: (m) => m.consensus_validators.length, kind: "number wide", desc: true },
];
const AVAILABILITY = 4;

function load(miner) {
  if (miner.current_load === undefined) return "–";
  return `${number(miner.current_load, 1)} of ${number(miner.max_capacity ?? 1, 1)}`;
}

function conflicts(miner) {
  const fields = miner.conflicts_detected.map((each) => each.field.replaceAll("_", " "));
  return fields.length ? h("span", { class: "conflict" }, fields.join(", ")) : h("span", { class: "quiet" }, "none");
}

export function network() {
  const tiles = h("dl", { class: "tiles" });
  const notes = h("div");
  const map = h("div", {}, loading("validators"));
  const count = h("p", { class: "quiet", role: "status" });
  const table = new Table({ caption: "Miners", columns: COLUMNS, order: { index: AVAILABILITY, desc: true }, empty: "No miner matches." });
  const filter = filters(() => announce(table.draw()));
  table.keep = filter.keep;
  const announce = (shown) => fill(count, `${plural(shown, "miner")} of ${number(table.rows.length, 0)}`);
  const content = h("div", {}, tiles, notes, panel("Who agrees", map), panel("Miners", filter.node, count, table.node));
  const notice = h("div", {}, loading("the network"));
  content.hidden = true;

  let drawn = {};
  return {
    title: "Network",
    feeds: { network: "miners/network-status", validators: "validators" },
    node: h("div", {}, h("h1", {}, "Network"), notice, content),
    fail(name, error, actions) {
      if (name === "network") fill(notice, failure(error, actions));
      else fill(map, h("p", { class: "quiet" }, "The validators are not to be had at the moment."));
    },
    update({ network, validators, time }) {
      if (network && network !== drawn.network) {
        const isEmpty = network.miners.length === 0;
        content.hidden = isEmpty;
        fill(notice, isEmpty && nothing());
        fill(tiles, keyFigures(network, time));
        announce(table.show(network.miners));
      }
      if (validators && validators !== drawn.validators) {
        fill(notes, standouts(validators));
        fill(map, agreementMap(validators));
      }
      drawn = { network, validators };
    },
  };
}

const nothing = () =>
  h("div", { class: "notice" }, h("strong", {}, "No report yet"),
    h("p", {}, "As soon as validators report on their miners, what they agree on appears here."));

function keyFigures({ network_status: status, consensus_stats: stats, processing_mode: mode }, time) {
  const share = stats.eligible_validators ? stats.active_validators / stats.eligible_validators : null;
  return [
    tile("Miners ready for work", `${number(status.active_miners, 0)} of ${number(status.total_miners, 0)}`,
      mode === "fallback" ? "from single reports: no consensus" : `seen ${ago(status.last_updated, time)}`, mode === "consensus" ? "" : "bad"),
    tile("Coverage", percent(stats.consensus_coverage), "of the miners have an undisputed quorum"),
    tile("Participation", percent(share), `${stats.active_validators} of ${plural(stats.eligible_validators, "validator")} report`),
    tile("Conflict rate", percent(stats.conflict_rate), "of the miners with a quorum"),
    tile("Confidence", percent(stats.average_consensus_confidence), "mean over the miners with a quorum"),
    tile("Latency", milliseconds(stats.processing_latency_ms), "from report to result"),
  ];
}

function standouts(validators) {
  const found = noteworthy(validators);
  if (!found.length) return null;
  return h("section", { class: "panel notes" }, h("h2", {}, "Worth a look"),
    h("ul", {}, found.map(({ validator, reasons }) =>
      h("li", {}, h("a", { href: `#/validators/${validator.uid}` }, `Validator ${validator.uid}`), ` ${reasons.join("; ")}.`))));
}

/** Search and state; `changed` is called after each change. */
function filters(changed) {
  const words = h("input", { type: "search", id: "search", placeholder: "uid or hotkey", oninput: changed });
  const state = h("select", { id: "state", onchange: changed },
    h("option", { value: "" }, "all"), STATE_NAMES.map((name) => h("option", { value: name }, name)));
  const conflicting = h("input", { type: "checkbox", id: "conflicting", onchange: changed });
  const keep = (miner) =>
    (!state.value || miner.state === state.value) &&
    (!conflicting.checked || miner.conflicts_detected.length > 0) &&
    matches(miner, words.value.trim());
  const node = h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
    h("label", { for: "search" }, "Find"), words, h("label", { for: "state" }, "State"), state,
    h("label", { class: "check" }, conflicting, "conflicts only"));
  return { node, keep };
}

const matches = (miner, words) =>
  words === "" || String(miner.uid) === words || (miner.hotkey ?? "").toLowerCase().includes(words.toLowerCase());
