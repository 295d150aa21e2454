/** The two interfaces of sources. */

import offsets from "watertight:runtime/offsets@0.2.0";

import { Role } from "../catalogue.js";
import { fresh, NAMES as RECORD } from "../record.js";
import { text } from "../wire/integers.js";
import { chosen, Playing } from "./choosing.js";
import { checkup, config, duration, fallible, reports, settings } from "./crossing.js";
import { begin, toMessage, Topics } from "./messages.js";
import { fromPosition, pairs, toPosition, toScalar } from "./positions.js";
import { install } from "./runtime.js";

const NAMES = new Set([...RECORD, "sourcePartition", "sourceOffset"]);

/** @param {Iterable<any>} classes */
export function sourceConnector(classes) {
    const playing = new Playing();
    const made = (/** @type {string} */ name) => {
        install(stored);
        return new (chosen(classes, Role.SOURCE, name))();
    };
    return {
        validate: fallible((name, given) => reports(made(name).validate(config(given)))),
        exactlyOnceSupport: fallible((name, given) => made(name).exactlyOnceSupport(config(given)) ?? null),
        canDefineTransactionBoundaries: () => false,
        alterOffsets: fallible((name, given, altered) => {
            const offsets = altered.map((/** @type {[any, any]} */ [p, o]) => [
                fromPosition(p),
                o === null ? null : fromPosition(o),
            ]);
            return Boolean(made(name).alterOffsets(config(given), offsets));
        }),
        start: fallible((name, given) => {
            playing.begin(made(name)).start(config(given));
        }),
        taskConfigs: fallible((maxTasks) => playing.it.taskConfigs(maxTasks).map(settings)),
        check: fallible(() => checkup(playing.it.check())),
        stop: () => playing.end("stop"),
    };
}

/** @param {Iterable<any>} classes */
export function sourceTask(classes) {
    const playing = new Playing();
    return {
        start: fallible((name, given) => {
            install(stored);
            playing.begin(new (chosen(classes, Role.SOURCE, name).TASK)()).start(config(given));
        }),
        poll: fallible((maxRecords, maxBytes, maxMs) => {
            begin();
            return batch(playing.it.poll({ maxRecords, maxBytes, maxMs }) ?? {});
        }),
        /** Comes only to classes with the feature, which this package does not offer. */
        acknowledge: () => {},
        committed: fallible(() => {
            playing.it.committed();
        }),
        stop: () => playing.end("stop"),
    };
}

/** @param {any} partition */
function stored(partition) {
    const [found] = offsets.stored([toPosition(partition, "source partition")]);
    return found === null ? null : fromPosition(found);
}

/** Topics and source partitions are listed once, and records refer to them. @param {any} answer */
function batch({ records = [], waitMs = null }) {
    const topics = new Topics();
    const partitions = new Partitions();
    const sent = records.map((/** @type {any} */ record) => {
        const parts = fresh(record, NAMES);
        const offset = record.sourceOffset ?? null;
        return {
            message: toMessage(parts, topics.place(parts.topic)),
            sourcePartition: partitions.place(record.sourcePartition, offset),
            checkpoint: checkpoint(offset),
        };
    });
    return {
        topics: topics.added,
        sourcePartitions: partitions.listed,
        records: sent,
        marks: [],
        waitMs: waitMs === null ? null : duration(waitMs, "waitMs"),
    };
}

/** @param {any} offset */
function checkpoint(offset) {
    if (offset === null) {
        return { tag: "keep" };
    }
    return { tag: "at", val: pairs(offset).map(([name, value]) => toScalar(value, `source offset.${name}`)) };
}

class Partitions {
    /** By their contents. @type {Map<string, number>} */
    #places = new Map();
    /** The same by identity: as a rule a task has few of them. @type {Map<object, Map<string, number>>} */
    #met = new Map();
    /** @type {object[]} */
    listed = [];

    /** @param {any} partition @param {any} offset */
    place(partition, offset) {
        const fields = offset === null ? "" : JSON.stringify(pairs(offset).map(first));
        let met = this.#met.get(partition);
        if (met === undefined) {
            met = new Map();
            this.#met.set(partition, met);
        }
        let place = met.get(fields);
        if (place === undefined) {
            place = this.#find(partition, offset);
            met.set(fields, place);
        }
        return place;
    }

    /** @param {any} partition @param {any} offset */
    #find(partition, offset) {
        const position = toPosition(partition, "source partition");
        const fields = offset === null ? [] : pairs(offset).map(([name]) => text(name, "source offset"));
        // With types, for 1 and "1" are different source partitions.
        const key = JSON.stringify([position, fields]);
        const known = this.#places.get(key);
        if (known !== undefined) {
            return known;
        }
        this.#places.set(key, this.listed.length);
        this.listed.push({ partition: position, offsetFields: fields });
        return this.listed.length - 1;
    }
}

/** @param {[string, any]} pair */
function first([name]) {
    return name;
}
