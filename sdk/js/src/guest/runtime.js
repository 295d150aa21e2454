/** The worker's own answers, and the way to its log. */

import log from "watertight:runtime/log@0.2.0";
import worker from "watertight:runtime/worker@0.2.0";

import { Failure } from "../failure.js";
import { use } from "../worker.js";

// Ten, the engine's own number, are used up by this package.
Error.stackTraceLimit = 50;

/** @param {(partition: any) => any} stored */
export function install(stored = nothingStored) {
    use({
        fact: (name) => worker.fact(name),
        stopping: () => worker.stopping(),
        stored,
        log: (level, message) => {
            if (log.enabled(level)) {
                log.log(level, message().toWellFormed());
            }
        },
    });
}

function nothingStored() {
    throw new Failure("only source connectors and their tasks have stored offsets", { code: "unsupported" });
}
