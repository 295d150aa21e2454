/** The interface of transforms. */

import { Role } from "../catalogue.js";
import { Record } from "../record.js";
import { chosen, Playing } from "./choosing.js";
import { config, failure, fallible, reports } from "./crossing.js";
import { begin, partsOf, toMessage, Topics } from "./messages.js";
import { install } from "./runtime.js";

const UNCHANGED = Object.freeze({ tag: "unchanged" });
const DROPPED = Object.freeze({ tag: "dropped" });

/** @param {Iterable<any>} classes */
export function transformation(classes) {
    const playing = new Playing();
    const fresh = (/** @type {string} */ name) => {
        install();
        return new (chosen(classes, Role.TRANSFORMATION, name))();
    };
    return {
        validate: fallible((name, given) => reports(fresh(name).validate(config(given)))),
        configure: fallible((name, given) => {
            playing.begin(fresh(name)).configure(config(given));
        }),
        apply: fallible((batch) => {
            begin();
            const transform = playing.it;
            const topics = new Topics(batch.topics);
            const outcomes = batch.messages.map((/** @type {any} */ message) =>
                outcome(transform, message, batch, topics),
            );
            return { newTopics: topics.added, outcomes };
        }),
        close: () => playing.end("close"),
    };
}

/** @param {any} transform @param {any} message @param {any} batch @param {Topics} topics */
function outcome(transform, message, batch, topics) {
    try {
        const record = new Record(partsOf(message, batch.topics));
        const answer = transform.apply(record);
        if (answer === record) {
            return UNCHANGED;
        }
        if (answer === null) {
            return DROPPED;
        }
        if (!(answer instanceof Record)) {
            throw new TypeError("apply answers a record or null");
        }
        const place = topics.place(answer.topic);
        return { tag: "changed", val: toMessage(answer.parts, place) };
    } catch (error) {
        return { tag: "failed", val: failure(error) };
    }
}
