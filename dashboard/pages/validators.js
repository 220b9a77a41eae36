/** Everyone who may report: do they, and do they agree? */

import { agreementMap, noteworthy, surely } from "../agreement.js";
import { h, fill } from "../dom.js";
import { ago, number, percent, short } from "../format.js";
import { failure, loading, meter, panel } from "../parts.js";
import { Table } from "../table.js";

const columns = (now, odd) => [
  { name: "Validator", by: (v) => v.uid, cell: (v) => h("a", { href: `#/validators/${v.uid}` }, v.uid), kind: "number" },
  { name: "Agreement", title: "Share of its observations that agree with the consensus", by: (v) => v.agreement,
    cell: (v) => meter(v.agreement, odd().has(v.uid) ? "bad" : "good") },
  { name: "Participation", title: "Share of the recent rounds with a report", by: (v) => v.participation, cell: (v) => meter(v.participation), desc: true },
  { name: "Reputation", title: "As learnt from the closed rounds; 1 is ordinary, 0 quarantine", by: (v) => v.reputation,
    cell: (v) => h("span", { class: v.quarantine ? "conflict" : "", title: v.quarantine }, v.quarantine ? "quarantine" : number(v.reputation)), kind: "number", desc: true },
  { name: "Last report", by: (v) => Date.parse(v.last_report), cell: (v) => seen(v, now()), desc: true },
  { name: "Stake", by: (v) => v.stake, cell: (v) => `${number(v.stake, 0)} τ`, kind: "number", desc: true },
  { name: "Reports", by: (v) => v.reports, cell: (v) => number(v.reports, 0), kind: "number wide", desc: true },
  { name: "Furthest off", title: "The number furthest from its consensus, in tolerances", by: (v) => Math.abs(v.furthest?.tolerances ?? 0),
    cell: furthest, desc: true },
  { name: "Hotkey", by: (v) => v.hotkey, cell: (v) => h("code", { title: v.hotkey }, short(v.hotkey)), kind: "wide" },
];

const seen = (validator, now) =>
  h("span", { class: validator.is_active ? "" : "conflict" }, ago(validator.last_report, now));

function furthest({ furthest: found }) {
  if (!found) return h("span", { class: "quiet" }, "none");
  const sign = found.tolerances > 0 ? "+" : "−";
  return [`${sign}${Math.abs(found.tolerances)} × `, found.field.replaceAll("_", " "), " of ", h("a", { href: `#/miners/${found.miner_uid}` }, found.miner_uid)];
}

export function validators() {
  let now = Date.now();
  let odd = new Set();
  const map = h("div");
  const table = new Table({
    caption: "Validators",
    columns: columns(() => now, () => odd),
    order: { index: 1, desc: false },
    empty: "No validator may report yet.",
  });
  for (const column of table.columns) column.cell = inOne(column.cell);
  const copies = h("div");
  const content = h("div", {}, panel("Standing", table.node), copies, panel("Who agrees", map));
  const notice = h("div", {}, loading("the validators"));
  content.hidden = true;
  let drawn = null;
  return {
    title: "Validators",
    feeds: { validators: "validators" },
    node: h("div", {}, h("h1", {}, "Validators"),
      h("p", { class: "quiet" }, "Agreement compares what a validator says now with the consensus, field by field."), notice, content),
    fail(_name, error, actions) {
      fill(notice, failure(error, actions));
    },
    update({ validators: answer, time }) {
      if (answer === drawn) return;
      drawn = answer;
      now = time;
      odd = new Set(noteworthy(answer).map(({ validator }) => validator.uid));
      content.hidden = answer.validators.length === 0;
      fill(notice, content.hidden && h("div", { class: "notice" }, h("strong", {}, "No report yet"),
        h("p", {}, `Validators are listed with the first report.`)));
      table.show(answer.validators);
      fill(copies, groups(answer.validators));
      fill(map, agreementMap(answer));
    },
  };
}

/** Who shares one vote with whom; null where nobody copies. */
function groups(validators) {
  const copying = validators.filter((each) => each.copying);
  const found = new Map(copying.map((each) => [members(each).join(), each]));
  if (!found.size) return null;
  return panel("Copies", h("ul", { class: "plain" }, [...found.values()].map((each) => h("li", {}, links(members(each)),
    each.copying.validators.length ? " share one vote: the same numbers, " : " repeats the last consensus, ", surely(each.copying), "."))));
}

const members = ({ uid, copying }) => [uid, ...copying.validators].sort((a, b) => a - b);

const links = (uids) => uids.flatMap((uid, index) =>
  [index ? (index === uids.length - 1 ? " and " : ", ") : null, h("a", { href: `#/validators/${uid}` }, `Validator ${uid}`)]);

const inOne = (cell) => (row) => {
  const content = cell(row);
  return Array.isArray(content) ? h("span", {}, content) : content;
};
