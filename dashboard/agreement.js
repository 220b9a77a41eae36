/** Who agrees with whom: the map of validators × miners, and what in it is worth a look. */

import { h } from "./dom.js";
import { percent, plural } from "./format.js";

const CELL = 6;
const HEIGHT = 18;

/** The digit of a miner as a share 0–1, null where there is nothing to compare. */
export const share = (map, index) => (!map?.[index] || map[index] === "." ? null : Number(map[index]) / 9);

/** Miners that a validator disagrees with on half of their fields or more, worst first. */
export function dissents(validator, miners) {
  return miners
    .map((uid, index) => ({ uid, share: share(validator.agreement_map, index) }))
    .filter((each) => each.share !== null && each.share < 0.56)
    .sort((a, b) => a.share - b.share || a.uid - b.uid);
}

/** Sentences on validators that stand out, [] when none does. */
export function noteworthy({ validators, miners }) {
  const usual = median(validators.map((each) => each.agreement).filter((each) => each !== null));
  return validators.flatMap((each) => {
    const reasons = [silent(each), quarantined(each), copies(each), apart(each, usual), far(each)].filter(Boolean);
    const where = reasons.length > 0 && few(each, miners);
    return reasons.length ? [{ validator: each, reasons: where ? [...reasons, where] : reasons }] : [];
  });
}

const silent = (each) => !each.is_active && (each.last_report ? "has fallen silent" : "has never reported");

const quarantined = (each) => each.quarantine && `is in quarantine: ${each.quarantine.replaceAll("_", " ")}`;

const copies = ({ copying }) =>
  copying && (copying.validators.length
    ? `shares one vote with ${list(copying.validators)}: the same numbers, ${surely(copying)}`
    : `repeats the last consensus, ${surely(copying)}, so it hardly counts`);

/** How sure it is that somebody copies. */
export const surely = ({ agreement, observations }) =>
  `beyond chance in ${percent(agreement)} of ${plural(observations, "observation")}`;

const list = (uids) =>
  uids.length === 1 ? `validator ${uids[0]}` : `validators ${uids.slice(0, -1).join(", ")} and ${uids.at(-1)}`;

const apart = (each, usual) =>
  each.agreement !== null && each.agreement < usual - 0.1 &&
  `agrees in ${percent(each.agreement)} of ${plural(each.observations, "observation")}, others in ${percent(usual)}`;

const far = ({ furthest }) =>
  furthest && Math.abs(furthest.tolerances) >= 5 &&
  `puts the ${furthest.field.replaceAll("_", " ")} of miner ${furthest.miner_uid} at ${beyond(furthest.tolerances)} the consensus`;

const beyond = (tolerances) =>
  `${Math.abs(tolerances) >= 1000 ? "far" : `${Math.abs(tolerances)} tolerances`} ${tolerances > 0 ? "above" : "below"}`;

/** Where it differs from the others, if that is on some miners only. */
function few(each, miners) {
  const found = dissents(each, miners);
  if (found.length < 2 || found.length > miners.length / 4) return null;
  return `is most at odds on miners ${found.slice(0, 6).map(({ uid }) => uid).join(", ")}`;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : 1;
}

/** A row per validator, those that agree least first; a cell per miner, uids ascending. */
export function agreementMap({ validators, miners }) {
  const ranked = [...validators].sort((a, b) => (a.agreement ?? 2) - (b.agreement ?? 2) || a.uid - b.uid);
  return h("div", { class: "map" }, ranked.map((each) => mapRow(each, miners)), legend());
}

function mapRow(validator, miners) {
  return h("div", { class: "map-row" },
    h("a", { href: `#/validators/${validator.uid}` }, `Validator ${validator.uid}`),
    strip(validator, miners),
    h("span", { class: "figure" }, percent(validator.agreement)));
}

/** The cells of one validator; a click opens the miner. */
export function strip(validator, miners) {
  const canvas = h("canvas", { width: Math.max(1, miners.length * CELL), height: HEIGHT, role: "img",
    "aria-label": describe(validator, miners) });
  canvas.addEventListener("mousemove", (event) => (canvas.title = cellTitle(validator, miners, at(event, canvas, miners))));
  canvas.addEventListener("click", (event) => (location.hash = `#/miners/${miners[at(event, canvas, miners)]}`));
  paint(canvas, validator.agreement_map);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(canvas, validator.agreement_map), { once: true });
  return canvas;
}

const at = (event, canvas, miners) =>
  Math.max(0, Math.min(miners.length - 1, Math.floor((event.offsetX / canvas.clientWidth) * miners.length)));

function paint(canvas, map) {
  const style = getComputedStyle(document.documentElement);
  const [agree, apart, none] = ["agree", "apart", "none"].map((name) => style.getPropertyValue(`--map-${name}`));
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  [...map].forEach((digit, index) => {
    if (digit === ".") return cell(context, index, none, 1, 2);
    const distance = 1 - Number(digit) / 9;
    cell(context, index, agree, 1);
    cell(context, index, apart, distance && Math.min(1, 0.15 + distance));
  });
}

function cell(context, index, colour, alpha, height = HEIGHT) {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fillRect(index * CELL, (HEIGHT - height) / 2, CELL - 1, height);
}

function cellTitle(validator, miners, index) {
  const found = share(validator.agreement_map, index);
  return `miner ${miners[index]}: ${found === null ? "nothing to compare" : `agrees in ${percent(found)} or a little more`}`;
}

function describe(validator, miners) {
  const few = dissents(validator, miners).length;
  return `Validator ${validator.uid}: agreement ${percent(validator.agreement)}, at odds on ${plural(few, "miner")}`;
}

const legend = () =>
  h("p", { class: "legend quiet" }, "One cell per miner, by uid:",
    h("span", { class: "swatch agree" }), "agrees", h("span", { class: "swatch some" }), "in part",
    h("span", { class: "swatch apart" }), "disagrees", h("span", { class: "swatch none" }), "nothing to compare");
