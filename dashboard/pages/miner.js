/** One miner: what is agreed on, by whom, and where they differ. */

import { share } from "../agreement.js";
import { chart } from "../chart.js";
import { h, fill } from "../dom.js";
import { SLOWLY } from "../feed.js";
import { ago, number, percent, value } from "../format.js";
import { badge, failure, loading, meter, panel, tile } from "../parts.js";
import { Why } from "../why.js";

/** Members of a status that are shown elsewhere on the page. */
const NO_FIELDS = new Set(["uid", "hotkey", "consensus_confidence", "consensus_validators", "conflicts_detected", "sources",
  "last_updated", "last_reported_by_validator", "epoch", "validator_reports_count"]);

const KINDS = {
  no_majority: "no value has the majority",
  dispersed: "the numbers lie far apart",
  contested: "the validators are split nearly in half",
  identity: "validators do not agree on who it is",
  address: "nobody confirms the address: it gets no work",
  chain_mismatch: "the validators contradict the chain",
};

export function miner(uid, { audit, ask }) {
  const why = new Why({ audit, ask });
  const reasons = h("div", {}, why.node);
  reasons.hidden = true;
  const content = h("div", {}, loading(`miner ${uid}`));
  const others = h("div");
  const past = h("div");
  let drawn = {};
  return {
    title: `Miner ${uid}`,
    feeds: {
      miner: `miners/${uid}/consensus`,
      validators: "validators",
      votes: { path: () => `miners/${uid}/consensus?explain=true${why.asOf}`, every: SLOWLY, aside: true },
      history: { path: `history?miner=${uid}`, every: SLOWLY },
    },
    node: h("div", {}, h("p", { class: "up" }, h("a", { href: "#/" }, "Network")), h("h1", {}, `Miner ${uid}`), content, reasons, others, past),
    fail(name, error, actions) {
      if (name === "miner") fill(content, error.status === 404 ? absent(uid) : failure(error, actions));
      if (name === "votes") why.fail(error);
    },
    update({ miner: answer, votes, validators, history, time }) {
      if (answer && answer !== drawn.answer) fill(content, status(answer, time));
      if (votes) why.show(votes);
      reasons.hidden = !answer;
      if (validators && validators !== drawn.validators) fill(others, whoAgrees(uid, validators));
      if (history && history !== drawn.history) {
        fill(past, rounds(history));
        why.offer(history.rounds);
      }
      drawn = { answer, validators, history };
    },
  };
}

const rounds = ({ rounds: closed }) =>
  closed.length > 1 && panel("Rounds", chart("Closed rounds", closed, [
    ["confidence", (each) => each.consensus_confidence],
    ["performance", (each) => each.performance_score],
  ]));

const absent = (uid) => h("div", { class: "notice" }, h("strong", {}, `Nobody has reported on miner ${uid}`),
  h("p", {}, "Or not for as long as miners are remembered."));

function status({ consensus_status: found, state }, time) {
  return h("div", {},
    h("p", { class: "quiet" }, h("code", {}, found.hotkey ?? "no hotkey known")),
    h("dl", { class: "tiles" },
      tile("State", badge(state), `seen ${ago(found.last_updated, time)}`),
      tile("Confidence", percent(found.consensus_confidence), `from ${found.consensus_validators.length} of ${found.validator_reports_count} votes`),
      tile("Performance", number(found.performance_score), "0 to 1"),
      tile("Last word", found.last_reported_by_validator === null ? "–" : h("a", { href: `#/validators/${found.last_reported_by_validator}` }, `Validator ${found.last_reported_by_validator}`),
        found.epoch === null ? "" : `epoch ${found.epoch}`)),
    found.conflicts_detected.length > 0 && panel("Conflicts", found.conflicts_detected.map(conflict)),
    panel("Values", values(found)));
}

function values(found) {
  const names = Object.keys(found).filter((name) => !NO_FIELDS.has(name));
  if (!names.length) return h("p", { class: "quiet" }, "Nothing is known of it now.");
  const source = { chain: "the chain", report: "a single report" };
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Values" },
    h("table", {}, h("thead", {}, h("tr", {}, ["Field", "Value", "From"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, names.map((name) => h("tr", {}, h("th", { scope: "row" }, name.replaceAll("_", " ")),
        h("td", {}, value(found[name])), h("td", { class: "quiet" }, source[found.sources[name]] ?? "votes"))))));
}

function conflict({ field, kind, detail }) {
  return h("div", { class: "conflict-detail" },
    h("h3", {}, field.replaceAll("_", " "), h("span", { class: "quiet" }, ` ${KINDS[kind] ?? kind}`)),
    h("ul", { class: "bars" }, detail.map((each) => h("li", {}, h("span", {}, value(each.value)), meter(each.weight)))));
}

function whoAgrees(uid, { validators, miners }) {
  const index = miners.indexOf(uid);
  const rows = validators.map((each) => ({ each, share: index < 0 ? null : share(each.agreement_map, index) }))
    .filter(({ share }) => share !== null)
    .sort((a, b) => a.share - b.share || a.each.uid - b.each.uid);
  if (!rows.length) return null;
  return panel("Who agrees", h("p", { class: "quiet" }, "Share of what each validator says of it that agrees with the consensus."),
    h("ul", { class: "bars" }, rows.map(({ each, share }) =>
      h("li", {}, h("a", { href: `#/validators/${each.uid}` }, `Validator ${each.uid}`), meter(share, share < 0.56 ? "bad" : "good")))));
}
