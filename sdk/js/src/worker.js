/**
 * What a plugin may ask its worker, and tell its log.
 *
 * Inside a component the worker answers; outside, `testing.FakeWorker` does.
 */

import { Failure } from "./failure.js";

/** @typedef {import("./values.js").Position} Position */

/**
 * Whoever answers.
 * @typedef {object} Runtime
 * @property {(name: string) => string | null} fact
 * @property {() => boolean} stopping
 * @property {(partition: Position) => Record<string, import("./values.js").Scalar> | null} stored
 * @property {(level: Level, message: () => string) => void} log
 */

/** @typedef {"error" | "warn" | "info" | "debug" | "trace"} Level */

/** @type {Runtime | null} */
let answers = null;

/** Who answers from now on. @param {Runtime} runtime */
export function use(runtime) {
    answers = runtime;
}

/** @returns {Runtime} */
function runtime() {
    if (answers === null) {
        throw new Failure("there is no worker here: in tests, make a FakeWorker of watertight-sdk/testing first");
    }
    return answers;
}

/** Named facts: `connector`, `task`, `worker.version`, `errors.tolerance` and so on. @param {string} name */
export function fact(name) {
    return runtime().fact(name);
}

/** The worker wants this task to stop: return soon. */
export function stopping() {
    return runtime().stopping();
}

/** The offset that this source connector has stored for a source partition. @param {Position} partition */
export function stored(partition) {
    return runtime().stored(partition);
}

/** @param {Level} level */
const at =
    (level) =>
    /** @param {unknown[]} words */ (...words) => {
        answers?.log(level, () => words.map(shown).join(" "));
    };

/** @param {unknown} word */
function shown(word) {
    if (word instanceof Error) {
        return `${word.name}: ${word.message}\n${word.stack ?? ""}`.trimEnd();
    }
    return typeof word === "string" ? word : String(word);
}

/** The worker's log. There is no `console` in a component. */
export const log = Object.freeze({
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    trace: at("trace"),
});
