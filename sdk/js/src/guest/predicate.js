/** The interface of predicates. */

import { Role } from "../catalogue.js";
import { Record } from "../record.js";
import { chosen, Playing } from "./choosing.js";
import { config, failure, fallible, reports } from "./crossing.js";
import { begin, partsOf } from "./messages.js";
import { install } from "./runtime.js";

/** @param {Iterable<any>} classes */
export function predicate(classes) {
    const playing = new Playing();
    const fresh = (/** @type {string} */ name) => {
        install();
        return new (chosen(classes, Role.PREDICATE, name))();
    };
    return {
        validate: fallible((name, given) => reports(fresh(name).validate(config(given)))),
        configure: fallible((name, given) => {
            playing.begin(fresh(name)).configure(config(given));
        }),
        test: fallible((batch) => {
            begin();
            const tested = playing.it;
            return batch.messages.map((/** @type {any} */ message) => verdict(tested, message, batch.topics));
        }),
        close: () => playing.end("close"),
    };
}

/** @param {any} tested @param {any} message @param {string[]} topics */
function verdict(tested, message, topics) {
    try {
        const answer = tested.test(new Record(partsOf(message, topics)));
        if (typeof answer !== "boolean") {
            throw new TypeError("test answers true or false");
        }
        return { tag: "ok", val: answer };
    } catch (error) {
        return { tag: "err", val: failure(error) };
    }
}
