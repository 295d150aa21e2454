/**
 * Integers on their way to the worker. A number beyond 2^53 may stand for any of several integers, so nobody can say
 * any more which one was meant: it is refused. The bindings take numbers only, and a BigInt would be the end of the
 * instance; one within 2^53 becomes a number, and others are refused too.
 */

import { EXACT_TO } from "../values.js";
import { placed } from "./place.js";

/** @typedef {import("./place.js").Place} Place */

const EXACT_BIGINT = BigInt(EXACT_TO);

/** @type {Record<string, [number, number]>} */
const RANGES = {
    INT8: [-(2 ** 7), 2 ** 7 - 1],
    INT16: [-(2 ** 15), 2 ** 15 - 1],
    INT32: [-(2 ** 31), 2 ** 31 - 1],
};

/**
 * @param {unknown} value @param {Place | string} place @param {string} [type] INT8 to INT64
 * @returns {number}
 */
export function integer(value, place, type = "INT64") {
    // What nearly all of them are.
    if (type === "INT64" && Number.isSafeInteger(value)) {
        return /** @type {number} */ (value) + 0;
    }
    return checked(value, placed(place), type);
}

/** @param {unknown} value @param {Place} place @param {string} type @returns {number} */
function checked(value, place, type) {
    if (typeof value === "bigint") {
        if (value > EXACT_BIGINT || value < -EXACT_BIGINT) {
            throw place.failure(`${value} is beyond 2^53: integers pass through JavaScript up to 2^53 only`);
        }
        value = Number(value);
    }
    if (typeof value !== "number" || !Number.isInteger(value)) {
        throw place.failure(`${shown(value)} is no ${type}`);
    }
    if (value > EXACT_TO || value < -EXACT_TO) {
        throw place.failure(
            `the number ${value} is beyond 2^53, where neighbouring integers look the same in JavaScript: ` +
                "integers pass through it up to 2^53 only",
        );
    }
    const range = RANGES[type];
    if (range !== undefined && (value < range[0] || value > range[1])) {
        throw place.failure(`${value} is out of the range of ${type}`);
    }
    // -0 has no place in an integer.
    return value + 0;
}

/** For messages: short, and of any type. @param {unknown} value */
export function shown(value) {
    if (value === null || value === undefined) {
        return String(value);
    }
    if (typeof value === "string") {
        return value.length > 50 ? `a text of ${value.length} characters` : JSON.stringify(value);
    }
    if (typeof value === "object") {
        return `a value of class ${Object.getPrototypeOf(value)?.constructor?.name ?? "Object"}`;
    }
    return typeof value === "function" ? "a function" : `${typeof value} ${String(value)}`;
}

/**
 * A text that has a UTF-8 form. Half of a surrogate pair would be the end of the instance.
 * @param {unknown} value @param {Place | string} place
 * @returns {string}
 */
export function text(value, place) {
    if (typeof value !== "string") {
        throw placed(place).failure(`${shown(value)} is no text`);
    }
    // @ts-ignore: newer than the library of some type checkers
    if (!value.isWellFormed()) {
        throw placed(place).failure("the text holds half a surrogate pair, which UTF-8 cannot say");
    }
    return value;
}
