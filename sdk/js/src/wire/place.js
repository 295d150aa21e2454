/** Where in a record one is, so that what is wrong can be named: `value.items[3].price`. */

import { Failure } from "../failure.js";

/** One that is given as its name costs nothing until it is needed. @param {Place | string} place */
export function placed(place) {
    return typeof place === "string" ? new Place(place) : place;
}

/** A trail that grows and shrinks as a value is walked; the text is made only when it is needed. */
export class Place {
    /** @param {string} root */
    constructor(root) {
        /** @type {(string | number)[]} */
        this.steps = [root];
    }

    /** @param {string | number} step */
    enter(step) {
        this.steps.push(step);
    }

    leave() {
        this.steps.pop();
    }

    toString() {
        return this.steps.map((step, at) => (typeof step === "number" ? `[${step}]` : at ? `.${step}` : step)).join("");
    }

    /** @param {string} what */
    failure(what) {
        return Failure.data(`${this}: ${what}`);
    }
}
