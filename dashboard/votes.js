/** The votes on one field, as a picture: numbers as marks on an axis, all else as stacked shares. */

import { h, svg } from "./dom.js";
import { number, percent, plural, value } from "./format.js";

/** How a vote took part → in words; each has a mark of its own shape. */
export const PARTS = { counts: "counts", clipped: "clipped", excluded: "left out", quarantined: "in quarantine" };

/** Which of `PARTS` a vote has, by its weight and by what is noted of it. */
export function part({ weight, share, factors, notes = [] }) {
  const isNoted = (code) => notes.some((note) => note.code === code);
  if (isNoted("quarantined") || factors.standing === 0) return "quarantined";
  if (!(weight > 0 || share > 0)) return "excluded";
  return isNoted("clipped") || factors.robustness < 1 ? "clipped" : "counts";
}

/** Whether a vote's value is to be seen; null is no value: it says nothing on the field. */
export const isKnown = (vote) => vote.withheld !== true && vote.value !== undefined && vote.value !== null;

const isPoint = (vote) => isKnown(vote) && typeof vote.value === "number";

/** The picture that suits what is known of these votes; null where there is nothing to see. */
export function picture(name, field) {
  const { votes } = field;
  if (!votes.length) return null;
  if (!votes.some(isKnown)) return weights(votes);
  return typeof field.value === "number" && votes.some(isPoint) ? axis(name, field) : shares(name, votes);
}

/** How much each vote weighs, where what it says is not to be seen. */
const weights = (votes) =>
  h("ul", { class: "bars" }, byShare(votes).map((vote) => h("li", {},
    h("a", { href: `#/validators/${vote.validator_uid}` }, `Validator ${vote.validator_uid}`),
    vote.weight > 0 ? bar(vote.share) : h("span", { class: "quiet" }, PARTS[part(vote)]))));

const bar = (share) => h("span", { class: "meter", vars: { "--share": share } }, h("span", { class: "figure" }, percent(share)));

const byShare = (votes) => [...votes].sort((a, b) => b.share - a.share || a.validator_uid - b.validator_uid);

// Numbers. Positions are shares of the width, so that the picture fits every screen; marks are
// kept apart as if it were WIDTH pixels wide.

const WIDTH = 560;
const HEIGHT = 118;
const MIDDLE = 48;
const GROUND = 92;

function axis(name, { value: agreed, low, high, votes }) {
  const points = byShare(votes.filter(isPoint));
  const scale = scaleOf([agreed, low, high, ...points.map((vote) => vote.value)].filter(Number.isFinite));
  const label = `${plural(points.length, "vote")} on the ${name.replaceAll("_", " ")}; ${outcome(agreed, low, high)}`;
  const marks = apart(points.map((vote) => ({ vote, x: scale.at(vote.value), size: radius(vote.share) })));
  return h("figure", { class: "votes" },
    svg("svg", { class: "axis", width: "100%", height: HEIGHT, role: "img", "aria-label": label },
      band(scale, low, high), grid(scale), line(scale, agreed), marks.map(mark)),
    legend(points));
}

const outcome = (agreed, low, high) => `consensus ${value(agreed)}${interval({ low, high })}`;

/** Where the truth lies in nine of ten cases, as the end of a sentence; "" if that is not known. */
export const interval = ({ low, high }) =>
  Number.isFinite(low) && Number.isFinite(high) ? `, nine in ten times between ${value(low)} and ${value(high)}` : "";

const radius = (share) => 4 + 13 * Math.sqrt(Math.min(1, share ?? 0));

/** From the least to the greatest number, with some air, and round numbers to name. */
function scaleOf(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const air = (most - least || Math.abs(most) * 0.1 || 1) * 0.08;
  const [from, to] = [least - air, most + air];
  const step = roundStep((to - from) / 5);
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
  return { at: (x) => 0.03 + (0.94 * (x - from)) / (to - from), ticks, digits: Math.max(0, -Math.floor(Math.log10(step))) };
}

function roundStep(rough) {
  const size = 10 ** Math.floor(Math.log10(rough));
  return size * [1, 2, 5, 10].find((each) => each * size >= rough);
}

const across = (share) => `${(100 * share).toFixed(2)}%`;

const grid = (scale) => [
  svg("line", { class: "ground", x1: "0%", x2: "100%", y1: GROUND, y2: GROUND }),
  ...scale.ticks.map((tick) => svg("text", { class: "tick", x: across(scale.at(tick)), y: GROUND + 18 }, number(tick, scale.digits))),
];

const band = (scale, low, high) =>
  Number.isFinite(low) && Number.isFinite(high) &&
  svg("rect", { class: "interval", x: across(scale.at(low)), width: across(scale.at(high) - scale.at(low)), y: 4, height: GROUND - 4 });

const line = (scale, agreed) =>
  svg("line", { class: "agreed", x1: across(scale.at(agreed)), x2: across(scale.at(agreed)), y1: 4, y2: GROUND });

/** Steps away from a mark's place, in pixels: up and down first, sideways where that is full. */
const STEPS = Array.from({ length: 41 * 45 }, (_, index) => [3 * ((index % 41) - 20), 2 * (Math.floor(index / 41) - 22)])
  .sort(([x, y], [otherX, otherY]) => 4 * Math.abs(x) + Math.abs(y) - 4 * Math.abs(otherX) - Math.abs(otherY));

/** The marks, each where it hides no other, if there is room. */
function apart(marks) {
  const placed = [];
  for (const each of marks) placed.push({ ...each, ...free(each, placed) });
  return placed.reverse(); // the small ones lie on top
}

function free(each, placed) {
  const isFree = ([x, y]) =>
    Math.abs(y) + each.size < GROUND - MIDDLE &&
    placed.every((other) => Math.hypot((other.x - each.x) * WIDTH - x, other.y - MIDDLE - y) >= other.size + each.size);
  const [x, y] = STEPS.find(isFree) ?? [0, 0];
  return { x: each.x + x / WIDTH, y: MIDDLE + y };
}

function mark({ vote, x, y, size }) {
  const kind = part(vote);
  const title = `Validator ${vote.validator_uid}: ${value(vote.value)}, ${percent(vote.share, 1)} of the weight, ${PARTS[kind]}`;
  const open = () => (location.hash = `#/validators/${vote.validator_uid}`);
  return svg("svg", { class: "mark", x: across(x), y, overflow: "visible", onclick: open },
    svg("title", {}, title), svg("path", { class: kind, d: SHAPES[kind](size) }));
}

/** A disc, a diamond, a cross and a box: told apart without colour. */
const SHAPES = {
  counts: (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  clipped: (r) => `M0 ${-1.2 * r}L${1.2 * r} 0L0 ${1.2 * r}L${-1.2 * r} 0z`,
  excluded: (r) => `M${-r} ${-r}L${r} ${r}M${-r} ${r}L${r} ${-r}`,
  quarantined: (r) => `M${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
};

function legend(votes) {
  const kinds = Object.keys(PARTS).filter((kind) => votes.some((vote) => part(vote) === kind));
  return h("figcaption", { class: "legend quiet" }, "The larger, the heavier; equal ones stand side by side:", kinds.map((kind) => h("span", {}, sample(kind), PARTS[kind])));
}

const sample = (kind) =>
  svg("svg", { class: "sample", width: 14, height: 14, viewBox: "-7 -7 14 14", "aria-hidden": "true" },
    svg("path", { class: kind, d: SHAPES[kind](4.5) }));

// Everything else.

const MOST_VALUES = 5;

/** The values with their share of the weight, the heaviest first; the rare ones are one in the end. */
function shares(name, votes) {
  const found = counted(votes.filter(isKnown));
  const shown = found.length > MOST_VALUES + 1 ? [...found.slice(0, MOST_VALUES), rest(found.slice(MOST_VALUES))] : found;
  const words = shown.map((each) => `${each.name}: ${percent(each.share)}`).join(", ");
  return h("figure", { class: "votes" },
    h("div", { class: "stack", role: "img", "aria-label": `Shares of the ${name.replaceAll("_", " ")}: ${words}` },
      shown.map((each, index) => h("span", { class: `slice slice-${index}`, vars: { "--share": each.share } }))),
    h("figcaption", { class: "legend quiet" }, shown.map((each, index) => [h("span", { class: `swatch slice-${index}` }),
      h("span", {}, `${each.name}: ${percent(each.share)}, ${plural(each.count, "vote")}`)]).flat()));
}

function counted(votes) {
  const found = new Map();
  for (const vote of votes) {
    const key = JSON.stringify(vote.value);
    const { share, count } = found.get(key) ?? { share: 0, count: 0 };
    found.set(key, { name: brief(value(vote.value)), share: share + (vote.share ?? 0), count: count + 1 });
  }
  return [...found.values()].sort((a, b) => b.share - a.share || b.count - a.count);
}

const rest = (few) => ({
  name: plural(few.length, "other value"),
  share: few.reduce((sum, each) => sum + each.share, 0),
  count: few.reduce((sum, each) => sum + each.count, 0),
});

export const brief = (text) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
