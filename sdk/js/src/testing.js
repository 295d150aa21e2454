/** Plays the worker, so that a plugin is tested as ordinary JavaScript. */

import { use } from "./worker.js";

/** @typedef {import("./values.js").Position} Position */
/** @typedef {import("./source.js").PollLimits} PollLimits */

/** What a worker usually allows. @type {PollLimits} */
export const LIMITS = Object.freeze({ maxRecords: 1000, maxBytes: 1 << 20, maxMs: 1000 });

/** Holds facts, offsets and the log. The newest one made answers. */
export class FakeWorker {
    constructor() {
        /** @type {Record<string, string>} */
        this.facts = {};
        /** @type {Map<string, Record<string, any>>} */
        this.offsets = new Map();
        /** @type {string[]} */
        this.logged = [];
        this.wantsStop = false;
        use({
            fact: (name) => this.facts[name] ?? null,
            stopping: () => this.wantsStop,
            stored: (partition) => this.offsets.get(named(partition)) ?? null,
            log: (level, message) => this.logged.push(`${level} ${message()}`),
        });
    }

    /**
     * Polls and stores the offsets of all that came.
     * @param {import("./source.js").SourceTask} task @param {PollLimits} [limits]
     */
    poll(task, limits = LIMITS) {
        const batch = task.poll(limits);
        for (const record of batch.records ?? []) {
            if (record.sourceOffset) {
                this.offsets.set(named(record.sourcePartition), Object.fromEntries(pairs(record.sourceOffset)));
            }
        }
        return batch;
    }
}

/** @param {Position} position @returns {[string, any][]} */
function pairs(position) {
    return position instanceof Map ? [...position] : Object.entries(position);
}

/** @param {Position} position */
function named(position) {
    return JSON.stringify(pairs(position));
}
