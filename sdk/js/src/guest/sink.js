/** The two interfaces of sinks. */

import { Role } from "../catalogue.js";
import { SinkRecord } from "../sink.js";
import { integer } from "../wire/integers.js";
import { Place } from "../wire/place.js";
import { chosen, Playing } from "./choosing.js";
import { checkup, config, duration, failure, fallible, reports, settings } from "./crossing.js";
import { begin, partsOf } from "./messages.js";
import { install } from "./runtime.js";

/** @param {Iterable<any>} classes */
export function sinkConnector(classes) {
    const playing = new Playing();
    const fresh = (/** @type {string} */ name) => {
        install();
        return new (chosen(classes, Role.SINK, name))();
    };
    return {
        validate: fallible((name, given) => reports(fresh(name).validate(config(given)))),
        alterOffsets: fallible((name, given, offsets) => Boolean(fresh(name).alterOffsets(config(given), offsets))),
        start: fallible((name, given) => {
            playing.begin(fresh(name)).start(config(given));
        }),
        taskConfigs: fallible((maxTasks) => playing.it.taskConfigs(maxTasks).map(settings)),
        check: fallible(() => checkup(playing.it.check())),
        stop: () => playing.end("stop"),
    };
}

/** @param {Iterable<any>} classes */
export function sinkTask(classes) {
    const playing = new Playing();
    return {
        start: fallible((name, given) => {
            install();
            playing.begin(new (chosen(classes, Role.SINK, name).TASK)()).start(config(given));
        }),
        open: fallible((partitions) => {
            playing.it.open(partitions);
        }),
        put: fallible((batch) => {
            begin();
            const records = batch.records.map((/** @type {any} */ record) => {
                const parts = partsOf(record.message, batch.topics);
                return new SinkRecord(parts, batch.origins[record.origin], record.offset);
            });
            return report(playing.it.put(records) ?? {}, records.length);
        }),
        preCommit: fallible((offsets) => {
            playing.it.flush();
            return { offsets, rejected: [] };
        }),
        close: fallible((partitions, lost) => {
            playing.it.close(partitions, lost);
        }),
        stop: () => playing.end("stop"),
    };
}

/** @param {any} answer @param {number} all */
function report(answer, all) {
    const { taken = all, held = null, rejected = [], callWithinMs = null } = answer;
    const place = new Place("taken");
    if (integer(taken, place) < 0 || taken > all) {
        throw place.failure(`${taken} of ${all} records`);
    }
    return {
        taken,
        held: held === null ? null : failure(held),
        rejected: rejected.map((/** @type {any} */ { record, cause }) => {
            if (!(record instanceof SinkRecord)) {
                throw new TypeError("a rejection holds a record of the batch and its cause");
            }
            return { origin: record.origin, offset: record.offset, cause: failure(cause) };
        }),
        callWithinMs: callWithinMs === null ? null : duration(callWithinMs, "callWithinMs"),
    };
}
