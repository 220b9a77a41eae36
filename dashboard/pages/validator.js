/** One validator: how it stands and where it differs. */

import { dissents, noteworthy, share, strip } from "../agreement.js";
import { chart } from "../chart.js";
import { h, fill } from "../dom.js";
import { SLOWLY } from "../feed.js";
import { ago, number, percent, plural } from "../format.js";
import { failure, loading, meter, panel, tile } from "../parts.js";

export function validator(uid) {
  const content = h("div", {}, loading(`validator ${uid}`));
  const past = h("div");
  let drawn = {};
  return {
    title: `Validator ${uid}`,
    feeds: { validators: "validators", history: { path: `history?validator=${uid}`, every: SLOWLY } },
    node: h("div", {}, h("p", { class: "up" }, h("a", { href: "#/validators" }, "Validators")), h("h1", {}, `Validator ${uid}`), content, past),
    fail(name, error, actions) {
      if (name === "validators") fill(content, failure(error, actions));
    },
    update({ validators: answer, history, time }) {
      if (answer && answer !== drawn.answer) {
        const found = answer.validators.find((each) => each.uid === uid);
        fill(content, found ? standing(found, answer, time) : absent(uid));
      }
      if (history && history !== drawn.history) fill(past, rounds(history));
      drawn = { answer, history };
    },
  };
}

const rounds = ({ rounds: closed }) =>
  closed.length > 1 && panel("Rounds", chart("Closed rounds", closed, [
    ["agreement", (each) => each.agreement],
    ["reputation, up to 1", (each) => (each.reputation === null ? null : Math.min(1, each.reputation))],
    ["participation", (each) => each.participation],
  ]));

const absent = (uid) => h("div", { class: "notice" }, h("strong", {}, `No validator has uid ${uid}`),
  h("p", {}, "Only those with a permit and enough stake may report."));

function standing(validator, answer, time) {
  const [remarks] = noteworthy(answer).filter((each) => each.validator === validator);
  return h("div", {},
    h("p", { class: "quiet" }, h("code", {}, validator.hotkey)),
    remarks && h("div", { class: "notice bad" }, h("ul", {}, remarks.reasons.map((reason) => h("li", {}, `It ${reason}.`)))),
    h("dl", { class: "tiles" },
      tile("Agreement", percent(validator.agreement, 1), `of ${plural(validator.observations, "observation")} agree`, remarks ? "bad" : ""),
      tile("Participation", percent(validator.participation), "of the recent rounds"),
      tile("Last report", ago(validator.last_report, time), validator.is_active ? "its votes count" : "its votes count no longer", validator.is_active ? "" : "bad"),
      tile("Reputation", number(validator.reputation), validator.quarantine?.replaceAll("_", " ") ?? "1 is ordinary", validator.quarantine ? "bad" : ""),
      tile("Stake", `${number(validator.stake, 0)} τ`, "by the chain"),
      tile("Reports", number(validator.reports, 0), "in closed rounds")),
    panel("Against the consensus", h("div", { class: "map one" }, strip(validator, answer.miners)), list(validator, answer.miners)),
    withEachOther(validator, answer.validators));
}

/** Whom it agrees with, the nearest first; null where there is nobody to compare with. */
function withEachOther({ peer_map: map }, validators) {
  const rows = validators.map(({ uid }, index) => ({ uid, share: share(map, index) }))
    .filter((each) => each.share !== null)
    .sort((a, b) => b.share - a.share || a.uid - b.uid);
  return rows.length > 0 && panel("With each other", h("p", { class: "quiet" }, "Share of what both say of the same miners that is the same, whatever the consensus is."),
    h("ul", { class: "bars" }, rows.map(({ uid, share }) =>
      h("li", {}, h("a", { href: `#/validators/${uid}` }, `Validator ${uid}`), meter(share, share < 0.56 ? "bad" : "good")))));
}

function list(validator, miners) {
  const found = dissents(validator, miners);
  if (!found.length) return h("p", {}, "It agrees on most fields of every miner.");
  return h("div", {}, h("p", {}, `At odds on half of the fields or more of ${plural(found.length, "miner")}:`),
    h("ul", { class: "bars" }, found.slice(0, 24).map(({ uid, share }) =>
      h("li", {}, h("a", { href: `#/miners/${uid}` }, `Miner ${uid}`), meter(share, "bad")))));
}
