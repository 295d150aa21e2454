/** One instance plays one class, named by the worker in `start` or `configure`. */

import { Failure } from "../failure.js";
import { log } from "../worker.js";

/** What was started. */
export class Playing {
    /** @type {any} */
    #it = null;

    /** From now on this. @template T @param {T} it @returns {T} */
    begin(it) {
        this.#it = it;
        return it;
    }

    get it() {
        if (this.#it === null) {
            throw new Failure("it was not started", { code: "IllegalWorkerStateException" });
        }
        return this.#it;
    }

    /** Ends it. A failure is logged: this call answers nothing, and an error would be a trap. @param {string} call */
    end(call) {
        const it = this.#it;
        this.#it = null;
        try {
            it?.[call]();
        } catch (error) {
            log.error(`${call} failed:`, error);
        }
    }
}

/**
 * The class of this name or alias and of this role.
 * @param {Iterable<any>} classes @param {string} role @param {string} name
 */
export function chosen(classes, role, name) {
    const ours = [...classes].filter((known) => known.ROLE === role);
    const found = ours.find((known) => known.CLASS.name === name || known.CLASS.aliases.includes(name));
    if (found === undefined) {
        throw Failure.config(
            `this plugin holds no ${role} ${name}, only ${ours.map((known) => known.CLASS.name).join(", ")}`,
        );
    }
    return found;
}
