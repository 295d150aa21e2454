/** Connect's `SourceConnector` and `SourceTask`. */

import { Role } from "./catalogue.js";

/** @typedef {import("./config.js").Config} Config */
/** @typedef {import("./reports.js").KeyReport} KeyReport */
/** @typedef {import("./reports.js").Checkup} Checkup */
/** @typedef {import("./schema.js").Schema} Schema */
/** @typedef {import("./values.js").Position} Position */

/**
 * A record and the place at which work resumes after it. Without `sourceOffset` the last one before stays in force.
 * Without a schema a key, value or header has the one it suggests itself; null stands for none.
 * @typedef {object} SourceRecord
 * @property {string} topic
 * @property {any} value
 * @property {Schema | null} [valueSchema]
 * @property {Position} sourcePartition
 * @property {Position | null} [sourceOffset]
 * @property {any} [key]
 * @property {Schema | null} [keySchema]
 * @property {Iterable<{name: string, value: any, schema?: Schema | null}>} [headers]
 * @property {number | null} [timestamp]
 * @property {number | null} [partition]
 */

/**
 * What there is now, and in how many milliseconds to ask again. Plugins never sleep.
 * @typedef {{records?: SourceRecord[], waitMs?: number | null}} SourceBatch
 */

/**
 * How much a poll may answer: a harder byte limit and the call's deadline stand behind these.
 * @typedef {{maxRecords: number, maxBytes: number, maxMs: number}} PollLimits
 */

/** Brings records. */
export class SourceTask {
    /** Called once, before the first poll. @param {Config} _config */
    start(_config) {}

    /** Whatever there is now. @param {PollLimits} _limits @returns {SourceBatch} */
    poll(_limits) {
        throw new Error(`${this.constructor.name} has no poll`);
    }

    /** Connect's `commit`. Needs the feature `committed`. */
    committed() {}

    /** The end. */
    stop() {}
}

/** Plans the work of its tasks. A class has `static CLASS`, a PluginClass, and `static TASK`, its SourceTask. */
export class SourceConnector {
    static ROLE = Role.SOURCE;

    /** What the worker cannot check by itself. Only keys with something to say. Without `start`.
     * @param {Config} _config @returns {KeyReport[]} */
    validate(_config) {
        return [];
    }

    /** Whether exactly-once delivery holds; null when the connector does not know.
     * @param {Config} _config @returns {boolean | null} */
    exactlyOnceSupport(_config) {
        return null;
    }

    /** An operator sets (or with null resets) offsets of a stopped connector, before anything is written. True: whatever
     * the connector keeps elsewhere is changed as well. False: not implemented. A failure leaves everything as it was,
     * and its message is what the operator reads; the code `unsupported` says that offsets cannot be changed from
     * outside.
     * @param {Config} _config @param {[Position, Position | null][]} _offsets */
    alterOffsets(_config, _offsets) {
        return false;
    }

    /** Called once, before `taskConfigs`. @param {Config} config */
    start(config) {
        this.config = config;
    }

    /** One configuration per task, at most so many; one task with everything unless said otherwise.
     * @param {number} _maxTasks @returns {Config[]} */
    taskConfigs(_maxTasks) {
        return [/** @type {Config} */ (this.config)];
    }

    /** Is all well, and do the tasks need new configurations? @returns {Checkup} */
    check() {
        return {};
    }

    /** The end. */
    stop() {}
}
