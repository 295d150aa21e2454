/** Connect's `Transformation` and `Predicate`. */

import { Role } from "./catalogue.js";

/** @typedef {import("./config.js").Config} Config */
/** @typedef {import("./record.js").Record} Record */
/** @typedef {import("./reports.js").KeyReport} KeyReport */

/** Changes records one by one. A class has `static CLASS`, a PluginClass. */
export class Transformation {
    static ROLE = Role.TRANSFORMATION;

    /** What the worker cannot check by itself. Only keys with something to say. Without `configure`.
     * @param {Config} _config @returns {KeyReport[]} */
    validate(_config) {
        return [];
    }

    /** Called once, before `apply`. @param {Config} _config */
    configure(_config) {}

    /** The record itself, a changed copy (`record.with`), or null to drop it. A failure is this record's alone:
     * `errors.tolerance` decides. @param {Record} _record @returns {Record | null} */
    apply(_record) {
        throw new Error(`${this.constructor.name} has no apply`);
    }

    /** The end. */
    close() {}
}

/** Says for which records a transform is used. A class has `static CLASS`, a PluginClass. */
export class Predicate {
    static ROLE = Role.PREDICATE;

    /** What the worker cannot check by itself. Only keys with something to say. Without `configure`.
     * @param {Config} _config @returns {KeyReport[]} */
    validate(_config) {
        return [];
    }

    /** Called once, before `test`. @param {Config} _config */
    configure(_config) {}

    /** @param {Record} _record @returns {boolean} */
    test(_record) {
        throw new Error(`${this.constructor.name} has no test`);
    }

    /** The end. */
    close() {}
}
