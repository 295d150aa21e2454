/** Decimal, Date, Time and Timestamp between the primitives they travel as and JavaScript's objects. */

import { Decimal } from "../decimal.js";
import { Failure } from "../failure.js";
import { Logical } from "../schema.js";
import { shown } from "./integers.js";

/** @typedef {import("../schema.js").Schema} Schema */
/** @typedef {import("./place.js").Place} Place */

const DAY = 86_400_000;

/** What JavaScript makes of a primitive. @param {any} value @param {Schema} schema */
export function fromPrimitive(value, schema) {
    switch (schema.name) {
        case Logical.DECIMAL:
            return value instanceof Uint8Array ? Decimal.fromBytes(value, scale(schema)) : value;
        case Logical.DATE:
            return schema.type === "INT32" ? date(value * DAY) : value;
        case Logical.TIME:
            return schema.type === "INT32" ? date(value) : value;
        case Logical.TIMESTAMP:
            return schema.type === "INT64" ? date(value) : value;
        default:
            return value;
    }
}

/** The primitive behind it. @param {any} value @param {Schema} schema @param {Place} place */
export function toPrimitive(value, schema, place) {
    switch (schema.name) {
        case Logical.DECIMAL:
            return decimal(value, schema, place).toBytes();
        case Logical.DATE:
            return whole(
                millis(value, schema, place) / DAY,
                "a Date has no time of day; Connect's days begin at 0:00 UTC",
                place,
            );
        case Logical.TIME: {
            const time = millis(value, schema, place);
            return time >= 0 && time < DAY ? time : whole(0.5, "a Time lies on 1970-01-01 UTC", place);
        }
        case Logical.TIMESTAMP:
            return millis(value, schema, place);
        default:
            return value;
    }
}

/** Whether values of this schema are objects of their own. @param {Schema} schema */
export function isLogical(schema) {
    switch (schema.name) {
        case Logical.DECIMAL:
            return schema.type === "BYTES";
        case Logical.DATE:
        case Logical.TIME:
            return schema.type === "INT32";
        case Logical.TIMESTAMP:
            return schema.type === "INT64";
        default:
            return false;
    }
}

/** @param {number} time */
function date(time) {
    const made = new Date(time);
    if (Number.isNaN(made.getTime())) {
        throw Failure.data(`${time} ms since 1970 is beyond what JavaScript's Date can hold`);
    }
    return made;
}

/** @param {Schema} schema */
function scale(schema) {
    const text = schema.parameter("scale");
    if (text === null || !/^-?\d+$/.test(text)) {
        throw Failure.data("Invalid Decimal schema: scale parameter not found.");
    }
    return Number(text);
}

/** @param {unknown} value @param {Schema} schema @param {Place} place */
function decimal(value, schema, place) {
    if (!(value instanceof Decimal)) {
        throw place.failure(`${shown(value)} is no Decimal`);
    }
    if (value.scale !== scale(schema)) {
        throw place.failure(`${value} has ${value.scale} decimal places, its schema ${scale(schema)}; rescale() it`);
    }
    return value;
}

/** @param {unknown} value @param {Schema} schema @param {Place} place */
function millis(value, schema, place) {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
        throw place.failure(`${shown(value)} is no Date, which ${schema.name} wants`);
    }
    return value.getTime();
}

/** @param {number} value @param {string} otherwise @param {Place} place */
function whole(value, otherwise, place) {
    if (!Number.isInteger(value)) {
        throw place.failure(otherwise);
    }
    return value;
}
