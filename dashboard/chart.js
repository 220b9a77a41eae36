/** Lines over time, by uPlot, in the page's own colours. */

import { h } from "./dom.js";
import { number } from "./format.js";

const COLOURS = ["--accent", "--map-apart", "--quiet"];

/**
 * A chart of `rounds` (each with `ended_at`); `lines` are [name, round → 0–1 or null]. The figures
 * are there as a table, too, for who cannot see the lines.
 */
export function chart(title, rounds, lines) {
  const place = h("div", { class: "chart", "aria-hidden": "true" });
  requestAnimationFrame(() => place.isConnected && draw(place, rounds, lines));
  return h("figure", {}, place, legend(lines), asTable(title, rounds, lines));
}

function draw(place, rounds, lines) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  const plot = new uPlot({
    width: place.clientWidth, height: 190, legend: { show: false }, cursor: { y: false },
    scales: { y: { range: [0, 1.02] } },
    axes: [axis, { ...axis, size: 46 }],
    series: [{}, ...lines.map(([label], index) => ({ label, stroke: colour(COLOURS[index]), width: 2, points: { show: rounds.length < 40, size: 5 } }))],
  }, [rounds.map((each) => Date.parse(each.ended_at) / 1000), ...lines.map(([, read]) => rounds.map((each) => read(each) ?? null))], place);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 190 })).observe(place);
}

const legend = (lines) =>
  h("figcaption", { class: "legend quiet" }, lines.map(([name], index) =>
    [h("span", { class: "swatch line", vars: { "--line-colour": `var(${COLOURS[index]})` } }), name]).flat());

const asTable = (title, rounds, lines) =>
  h("table", { class: "hidden" }, h("caption", {}, title),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Round ended"), lines.map(([name]) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rounds.slice(-12).map((each) => h("tr", {}, h("th", { scope: "row" }, each.ended_at),
      lines.map(([, read]) => h("td", {}, number(read(each), 3)))))));
