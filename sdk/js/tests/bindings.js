/** Plays the bindings that a component has, so that the folder `guest` can be loaded without one. */

import { register } from "node:module";

/** What the worker was asked and told. */
globalThis.bindings = { schemas: new Map(), logged: [], stored: () => [null] };

const MODULES = {
    "watertight:runtime/worker@0.2.0": "export default { fact: () => null, stopping: () => false };",
    "watertight:runtime/log@0.2.0":
        "export default { enabled: () => true, log: (level, text) => bindings.logged.push(`${level} ${text}`) };",
    "watertight:runtime/offsets@0.2.0": "export default { stored: (partitions) => bindings.stored(partitions) };",
    "watertight:runtime/schemas@0.2.0": `
    export default {
      define(nodes) {
        const text = JSON.stringify(nodes);
        for (const [id, known] of bindings.schemas) if (JSON.stringify(known) === text) return id;
        const id = 64 + bindings.schemas.size;
        bindings.schemas.set(id, JSON.parse(text));
        return id;
      },
      get: (id) => bindings.schemas.get(id) ?? null,
    };`,
};

const hooks = `
  const modules = ${JSON.stringify(MODULES)};
  export async function resolve(name, context, next) {
    return name in modules ? { url: name, shortCircuit: true } : next(name, context);
  }
  export async function load(url, context, next) {
    return url in modules ? { format: "module", source: modules[url], shortCircuit: true } : next(url, context);
  }`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
