/** A path that leads nowhere. */

import { h } from "../dom.js";

export function unknown() {
  return {
    title: "Not found",
    feeds: {},
    node: h("section", {}, h("h1", {}, "There is no such page"), h("p", {}, h("a", { href: "#/" }, "To the network"))),
    update() {},
  };
}
