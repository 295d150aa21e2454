/** The interface that every plugin exports. */

import { describe } from "../catalogue.js";

/** @param {Iterable<import("../catalogue.js").Described>} classes */
export function describing(classes) {
    const described = describe(classes).map((one) => ({ ...camel(one), config: one.config.map(camel) }));
    return { describe: () => described };
}

/** The bindings write names so. @param {object} named */
function camel(named) {
    const renamed = Object.entries(named).map(([name, value]) => [
        name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()),
        value,
    ]);
    return Object.fromEntries(renamed);
}
