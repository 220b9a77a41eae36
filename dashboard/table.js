/** A table that sorts by its headings and keeps its order, filter and focus while rows change. */

import { h, fill } from "./dom.js";

/**
 * `columns`: {name, title?, by(row) → number or string, cell(row) → text or node, kind?, desc?};
 * `desc` columns begin with the greatest. Rows without a value come last either way.
 */
export class Table {
  constructor({ caption, columns, order, empty }) {
    Object.assign(this, { columns, order, empty, rows: [], keep: () => true });
    this.body = h("tbody");
    this.heads = columns.map((column, index) => this.#head(column, index));
    this.node = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      h("table", {}, h("caption", { class: "hidden" }, caption), h("thead", {}, h("tr", {}, this.heads)), this.body));
  }

  /** Show these rows; gives how many pass the filter. */
  show(rows) {
    this.rows = rows;
    return this.draw();
  }

  draw() {
    this.heads.forEach((head, index) => this.#mark(head, index));
    const shown = this.rows.filter(this.keep).sort((a, b) => this.#compare(a, b));
    fill(this.body, shown.length ? shown.map((row) => this.#row(row)) : this.#none());
    return shown.length;
  }

  #head(column, index) {
    const click = () => {
      const again = this.order.index === index;
      this.order = { index, desc: again ? !this.order.desc : Boolean(column.desc) };
      this.draw();
    };
    return h("th", { scope: "col", class: column.kind },
      h("button", { type: "button", onclick: click, title: column.title }, column.name, h("span", { class: "arrow", "aria-hidden": "true" })));
  }

  #mark(head, index) {
    const own = this.order.index === index;
    if (own) head.setAttribute("aria-sort", this.order.desc ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }

  #row(row) {
    return h("tr", {}, this.columns.map((column, index) =>
      h(index ? "td" : "th", { class: column.kind, scope: index ? null : "row" }, column.cell(row))));
  }

  #none() {
    return h("tr", {}, h("td", { colspan: this.columns.length, class: "quiet" }, this.empty));
  }

  #compare(a, b) {
    const { by } = this.columns[this.order.index];
    const [x, y] = [by(a) ?? null, by(b) ?? null];
    if (x === null || y === null) return (x === null) - (y === null);
    const difference = typeof x === "string" ? x.localeCompare(y) : x - y;
    return this.order.desc ? -difference : difference;
  }
}
