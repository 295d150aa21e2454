/** Source partitions and offsets. */

import { Float } from "../values.js";
import { integer, text } from "../wire/integers.js";

/** Part of a position for the worker. @param {any} value @param {string} place */
export function toScalar(value, place) {
    switch (typeof value) {
        case "boolean":
            return { tag: "boolean", val: value };
        case "string":
            return { tag: "text", val: text(value, place) };
        case "number":
            return Number.isInteger(value)
                ? { tag: "integer", val: integer(value, place) }
                : { tag: "float", val: value };
        default:
            if (value === null || value === undefined) {
                return { tag: "null" };
            }
            return value instanceof Float
                ? { tag: "float", val: value.value }
                : { tag: "integer", val: integer(value, place) };
    }
}

/** @param {any} position @returns {[string, any][]} */
export function pairs(position) {
    if (position instanceof Map) {
        return [...position];
    }
    if (typeof position !== "object" || position === null) {
        throw new TypeError("a source partition or offset is an object or a Map");
    }
    return Object.entries(position);
}

/** A position for the worker. @param {any} position @param {string} what */
export function toPosition(position, what) {
    return pairs(position).map(([name, value]) => [text(name, what), toScalar(value, `${what}.${name}`)]);
}

/** A position from the worker. @param {[string, {tag: string, val?: any}][]} position */
export function fromPosition(position) {
    return Object.fromEntries(position.map(([name, scalar]) => [name, scalar.val ?? null]));
}
