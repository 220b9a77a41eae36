/** Why a miner has the values that it has: per field the votes, what each weighs, and what it is made of. */

import { h, fill } from "./dom.js";
import { clock, duration, number, percent, plural, value } from "./format.js";
import { panel } from "./parts.js";
import { Table } from "./table.js";
import { PARTS, brief, interval, isKnown, part, picture } from "./votes.js";

const METHODS = {
  robust_average: "weighted average of the votes near its centre",
  plain_average: "weighted average",
  weighted_majority: "the value with most of the weight",
  most_recent: "the most recent of the heavy votes",
  address: "an address that enough validators confirm",
  chain: "read from the chain",
  best_report: "the best single report: there is no quorum",
};
const FACTORS = {
  stake: "capped share of the stake, rooted",
  confidence: "how complete the report is",
  freshness: "half for every half-life since signing",
  standing: "0 in quarantine",
  originality: "copies share one vote",
  reputation: "earned in closed rounds, up to 1.5 of the median",
  precision: "the same, up to 4 of the median",
  timeliness: "how much an old vote can still know",
  impartiality: "falls where it pushes this miner",
  robustness: "falls with the distance from the centre",
  coherence: "how robust its votes are on the whole",
};
/** Which fields are shown first, and then those that were decided how; the rest as it comes. */
const FIRST = ["performance_score", "is_serving"];
const ORDER = ["robust_average", "weighted_majority", "plain_average", "best_report", "most_recent", "address"];

const COLUMNS = [
  { name: "Validator", by: (v) => v.validator_uid, cell: (v) => h("a", { href: `#/validators/${v.validator_uid}` }, v.validator_uid), kind: "number" },
  { name: "Takes part", by: (v) => Object.keys(PARTS).indexOf(part(v)), cell: (v) => h("span", { class: part(v) === "counts" ? "" : "conflict" }, PARTS[part(v)]) },
  { name: "Value", by: comparable, cell: (v) => (isKnown(v) ? brief(value(v.value)) : h("span", { class: "quiet" }, v.withheld ? "withheld" : "–")) },
  { name: "Share", title: "Of the weight of all votes on this field", by: (v) => v.share, cell: (v) => percent(v.share, 1), kind: "number", desc: true },
  { name: "Weight", title: "The product of the factors", by: (v) => v.weight, cell: (v) => number(v.weight, 4), kind: "number", desc: true },
  { name: "Age", by: (v) => v.age_seconds, cell: (v) => duration(v.age_seconds), kind: "number" },
  ...Object.entries(FACTORS).map(([name, title]) => ({
    name: name.charAt(0).toUpperCase() + name.slice(1), title, by: (v) => v.factors[name], kind: "number",
    cell: (v) => h("span", { class: v.factors[name] === 0 ? "conflict" : v.factors[name] === 1 ? "quiet" : "" }, number(v.factors[name], 3)),
  })),
  { name: "Notes", by: (v) => v.notes?.length ?? 0, cell: (v) => (v.notes ?? []).map((note) => note.detail || note.code.replaceAll("_", " ")).join("; "), desc: true },
];
const SHARE = 3;

/** Sorts numbers as numbers and everything else by its words. */
function comparable(vote) {
  if (!isKnown(vote)) return null;
  return typeof vote.value === "number" ? vote.value : value(vote.value);
}

/** The panel "Why"; it stays hidden until there is something to say, and keeps what a person opened. */
export class Why {
  /** `audit`: {get() → key or null, use(key or null)}; `ask()` asks for the votes as of `asOf`. */
  constructor({ audit, ask }) {
    Object.assign(this, { fields: new Map(), drawn: null });
    this.when = h("p", { class: "quiet" });
    this.time = h("select", { id: "as-of", onchange: ask }, NOW());
    this.list = h("div");
    this.access = new Access(audit);
    this.node = panel("Why", h("p", {}, h("label", { for: "as-of" }, "As of"), " ", this.time), this.when, this.access.node, this.list);
    this.node.hidden = true;
  }

  /** The query of the time that was chosen. */
  get asOf() {
    return this.time.value && `&round=${this.time.value}`;
  }

  /** Closed rounds to choose from, oldest first; the chosen one stays. */
  offer(rounds) {
    const chosen = this.time.value;
    const options = rounds.map(({ round, ended_at: ended }) => h("option", { value: round }, `${clock(ended)}, round ${round}`));
    if (chosen && !rounds.some(({ round }) => String(round) === chosen)) options.unshift(h("option", { value: chosen }, `round ${chosen}`));
    fill(this.time, NOW(), options.reverse());
    this.time.value = chosen;
  }

  show({ explanation }) {
    if (!explanation || explanation === this.drawn) return;
    this.drawn = explanation;
    const names = Object.keys(explanation.fields).sort((a, b) => rank(a, explanation.fields[a]) - rank(b, explanation.fields[b]));
    for (const name of names) this.#field(name).show(explanation.fields[name]);
    fill(this.when, told(explanation));
    fill(this.list, names.map((name) => this.#field(name).node));
    this.access.told(Object.values(explanation.fields).flatMap((field) => field.votes).some((vote) => vote.withheld));
    this.node.hidden = names.length === 0;
  }

  /** Say why there is nothing, or nothing new. */
  fail(error) {
    this.access.failed(error);
    this.node.hidden = false;
  }

  #field(name) {
    if (!this.fields.has(name)) this.fields.set(name, new Field(name));
    return this.fields.get(name);
  }
}

const NOW = () => h("option", { value: "" }, "now");

const told = ({ version, round, computed_at: at }) =>
  version ? `Snapshot ${version} of ${clock(at)}, after round ${round}.` : `The end of round ${round}, ${clock(at)}.`;

const rank = (name, { method, votes }) => {
  if (FIRST.includes(name)) return FIRST.indexOf(name) - FIRST.length;
  const place = votes.length ? ORDER.indexOf(method) : -1;
  return place < 0 ? ORDER.length : place;
};

/** One field: what came out, the picture, and the table behind it. */
class Field {
  constructor(name) {
    this.name = name;
    this.title = name.replaceAll("_", " ");
    this.words = h("p", { class: "quiet" });
    this.place = h("div");
    this.table = new Table({ caption: `Votes on the ${this.title}`, columns: COLUMNS, order: { index: SHARE, desc: true }, empty: "No vote." });
    this.count = h("summary");
    this.details = h("details", { ontoggle: () => this.#draw() }, this.count, this.table.node);
    this.node = h("section", { class: "field" }, h("h3", {}, this.title), this.words, this.place, this.details);
  }

  show(field) {
    this.votes = field.votes;
    fill(this.words, h("b", {}, field.value === undefined || field.value === null ? "–" : brief(value(field.value))),
      ` ${METHODS[field.method] ?? field.method.replaceAll("_", " ")}${interval(field)}`);
    fill(this.place, picture(this.name, field));
    fill(this.count, `${plural(this.votes.length, "vote")} and what each is made of`);
    this.details.hidden = this.votes.length === 0;
    this.#draw();
  }

  #draw() {
    if (this.details.open) this.table.show(this.votes);
  }
}

/** Asks for the key that shows what is withheld, and says what is wrong with it. */
class Access {
  constructor(audit) {
    this.audit = audit;
    this.words = h("p", { role: "status" });
    this.input = h("input", { type: "password", id: "audit-key", autocomplete: "off", required: true });
    this.forget = h("button", { type: "button", onclick: () => this.#use(null) }, "Forget the key");
    const onsubmit = (event) => {
      event.preventDefault();
      this.#use(this.input.value);
    };
    this.form = h("form", { onsubmit }, h("label", { for: "audit-key" }, "Audit key"), " ", this.input, " ", h("button", { type: "submit" }, "Show values"));
    this.node = h("div", { class: "access" }, this.words, this.form, this.forget);
    this.told(false);
  }

  /** An answer came. */
  told(isWithheld) {
    const has = this.audit.get() !== null;
    this.#say(isWithheld && (has ? "This key shows no more: it needs the scope audit."
      : "What validators say now is withheld, so that nobody can copy it. A key with scope audit shows it, and stays in this tab; votes that no longer count are open to all."));
    this.form.hidden = !isWithheld;
    this.forget.hidden = !has;
  }

  /** No answer came: a refusal of the key, too many questions, or nobody there. */
  failed({ status, message }) {
    const refused = status === 401 || status === 403;
    this.#say(refused ? REFUSALS[status](this.audit.get() !== null)
      : status === 429 ? "That was asked too often. Asking again in a while." : `The votes are not to be had: ${message}. Asking again by itself.`);
    this.form.hidden &&= !refused; // who is typing goes on typing
    this.forget.hidden = this.audit.get() === null;
  }

  #say(words) {
    if (this.words.textContent !== (words || "")) fill(this.words, words);
    this.words.hidden = !words;
  }

  #use(key) {
    this.input.value = "";
    this.audit.use(key);
  }
}

const REFUSALS = {
  401: (has) => (has ? "This key is not known here." : "The votes are shown to holders of a key with scope audit."),
  403: (has) => (has ? "This key may not audit: it needs the scope audit." : "The votes are shown to holders of a key with scope audit."),
};
