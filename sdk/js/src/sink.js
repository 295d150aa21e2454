/** Connect's `SinkConnector` and `SinkTask`. */

import { Role } from "./catalogue.js";
import { Record } from "./record.js";

/** @typedef {import("./config.js").Config} Config */
/** @typedef {import("./reports.js").KeyReport} KeyReport */
/** @typedef {import("./reports.js").Checkup} Checkup */
/** @typedef {{topic: string, partition: number}} TopicPartition */

/** A record. Topic and partition are as transforms left them; `origin` and `offset` say where it came from. */
export class SinkRecord extends Record {
    /** @param {import("./record.js").Parts} parts @param {TopicPartition} origin @param {number} offset */
    constructor(parts, origin, offset) {
        super(parts);
        this.origin = origin;
        this.offset = offset;
        Object.freeze(this);
    }

    /** For tests. @param {import("./record.js").Contents} contents @param {number} offset */
    static at(contents, offset = 0) {
        const { parts } = Record.of(contents);
        return new SinkRecord(parts, { topic: parts.topic, partition: parts.partition ?? 0 }, offset);
    }
}

/**
 * So many leading records are the task's now; the worker brings the others again.
 * @typedef {object} PutReport
 * @property {number} [taken] all, if absent
 * @property {unknown} [held] why the others are not
 * @property {{record: SinkRecord, cause: unknown}[]} [rejected] never to be taken, of this batch; they count as taken
 * @property {number | null} [callWithinMs] call put by then even without records
 */

/** Takes records. */
export class SinkTask {
    /** Called once, before `open`. @param {Config} _config */
    start(_config) {}

    /** These partitions are this task's from now on. @param {TopicPartition[]} _partitions */
    open(_partitions) {}

    /** Takes all of them, unless a report says otherwise. A failure stands for none taken.
     * @param {SinkRecord[]} _records @returns {PutReport | void} */
    put(_records) {
        throw new Error(`${this.constructor.name} has no put`);
    }

    /** Makes all that was taken durable; the worker commits its offsets afterwards. */
    flush() {}

    /** These partitions are this task's no longer. With `lost`, others own them already.
     * @param {TopicPartition[]} _partitions @param {boolean} _lost */
    close(_partitions, _lost) {}

    /** The end. */
    stop() {}
}

/** Plans the work of its tasks. A class has `static CLASS`, a PluginClass, and `static TASK`, its SinkTask. */
export class SinkConnector {
    static ROLE = Role.SINK;

    /** What the worker cannot check by itself. Only keys with something to say. Without `start`.
     * @param {Config} _config @returns {KeyReport[]} */
    validate(_config) {
        return [];
    }

    /** An operator sets (or with null resets) offsets of a stopped connector, before anything is written. True: whatever
     * the connector keeps elsewhere is changed as well. False: not implemented. A failure leaves everything as it was,
     * and its message is what the operator reads; the code `unsupported` says that offsets cannot be changed from
     * outside.
     * @param {Config} _config @param {[TopicPartition, number | null][]} _offsets */
    alterOffsets(_config, _offsets) {
        return false;
    }

    /** Called once, before `taskConfigs`. @param {Config} config */
    start(config) {
        this.config = config;
    }

    /** One configuration per task; as many alike as are allowed unless said otherwise.
     * @param {number} maxTasks @returns {Config[]} */
    taskConfigs(maxTasks) {
        return new Array(maxTasks).fill(this.config);
    }

    /** Is all well, and do the tasks need new configurations? @returns {Checkup} */
    check() {
        return {};
    }

    /** The end. */
    stop() {}
}
