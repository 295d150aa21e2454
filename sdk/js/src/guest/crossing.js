/** Settings and failures on their way in and out of the component. All is checked here: the bindings trap. */

import { Config } from "../config.js";
import { Failure } from "../failure.js";
import { integer, text } from "../wire/integers.js";
import { Place } from "../wire/place.js";

/** Settings from the worker. @param {{name: string, value: string, secret: boolean}[]} settings */
export function config(settings) {
    const secrets = settings.filter((setting) => setting.secret).map((setting) => setting.name);
    return new Config(new Map(settings.map(({ name, value }) => [name, value])), secrets);
}

/** Settings for the worker. @param {any} given */
export function settings(given) {
    if (!(given instanceof Config)) {
        throw new TypeError("taskConfigs answers a list of Config");
    }
    return [...given].map(([name, value]) => ({
        name,
        value: text(value, `the setting ${name}`),
        secret: given.secrets.has(name),
    }));
}

/** Whatever was thrown as the contract's failure. @param {any} error */
export function failure(error) {
    const inner = error?.payload;
    if (typeof inner === "object" && typeof inner?.code === "string" && typeof inner.message === "string") {
        // A failure of the worker itself, which an import threw.
        return { trace: null, retriable: false, retryAfterMs: null, ...inner };
    }
    if (!(error instanceof Error)) {
        return { code: "failed", message: clean(String(error)), trace: null, retriable: false, retryAfterMs: null };
    }
    const trace = clean(traceOf(error));
    if (error instanceof Failure) {
        const retryAfterMs = error.retryAfterMs === null ? null : duration(error.retryAfterMs, "retryAfterMs");
        return {
            code: clean(error.code),
            message: clean(error.message),
            trace,
            retriable: Boolean(error.retriable),
            retryAfterMs,
        };
    }
    const name = clean(error.name);
    return { code: name, message: clean(`${name}: ${error.message}`), trace, retriable: false, retryAfterMs: null };
}

/** @param {Error} error @returns {string} */
function traceOf(error) {
    const head = `${error.name}: ${error.message}\n${error.stack ?? ""}`.trimEnd();
    const { cause } = error;
    if (cause === undefined) {
        return head;
    }
    return `${head}\nCaused by: ${cause instanceof Error ? traceOf(cause) : String(cause)}`;
}

/** @param {unknown} value */
function clean(value) {
    return String(value).toWellFormed();
}

/** An error that leaves a call of the worker other than as a failure would be a trap, and the end of the instance.
 * @template {any[]} A @template R @param {(...args: A) => R} call @returns {(...args: A) => R} */
export function fallible(call) {
    return (...args) => {
        try {
            return call(...args);
        } catch (error) {
            throw failure(error);
        }
    };
}

/** Answer of `validate`; nothing: no report. @param {import("../reports.js").KeyReport[] | undefined} found */
export function reports(found) {
    return (found ?? []).map(({ name, errors = [], recommendedValues = [], visible = true }) => ({
        name: clean(name),
        errors: errors.map(clean),
        recommendedValues: recommendedValues.map(clean),
        visible: Boolean(visible),
    }));
}

/** Answer of `check`; nothing: all is well. @param {import("../reports.js").Checkup | undefined} found */
export function checkup(found) {
    const { reconfigureTasks = false, againAfterMs = null } = found ?? {};
    const again = againAfterMs === null ? null : duration(againAfterMs, "againAfterMs");
    return { reconfigureTasks: Boolean(reconfigureTasks), againAfterMs: again };
}

/** Milliseconds that are no less than none. @param {any} value @param {string} name */
export function duration(value, name) {
    const place = new Place(name);
    const found = integer(value, place);
    if (found < 0) {
        throw place.failure(`${found} is less than 0`);
    }
    return found;
}
