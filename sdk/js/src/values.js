/**
 * What records and offsets may hold.
 *
 * | Connect | JavaScript |
 * |---|---|
 * | BOOLEAN, STRING | boolean, string |
 * | INT8 to INT64 | number; on the way out also bigint. At most 2^53, either way |
 * | FLOAT32, FLOAT64 | number |
 * | BYTES | Uint8Array |
 * | ARRAY | array |
 * | MAP | Map |
 * | STRUCT | object with the schema's fields |
 * | Decimal | Decimal |
 * | Date, Time, Timestamp | Date |
 * | a map without a schema | object; Map, if a key is no text |
 */

/** @typedef {any} Value */

/** JSON's scalars, as in the offsets topic. @typedef {boolean | number | bigint | string | null} Scalar */

/**
 * A source partition or an offset. The order of its names counts: Kafka stores it as text. JavaScript moves names
 * that are whole numbers to the front of an object; a Map keeps them where they are.
 * @typedef {Record<string, Scalar> | Map<string, Scalar>} Position
 */

/** Beyond it neighbouring integers are the same number. */
export const EXACT_TO = 2 ** 53;

/** A number that is to be a FLOAT64 even where it has no fraction and no schema says so. */
export class Float {
    /** @param {number} value */
    constructor(value) {
        this.value = value;
        Object.freeze(this);
    }

    valueOf() {
        return this.value;
    }
}

/** @param {number} value */
export function float(value) {
    return new Float(value);
}

/**
 * Under this name an array, map or object without a schema remembers which of its whole numbers are floats: JSON's
 * `1.0` is the number 1 here and has to be `1.0` again. It is enumerable, so that `{...value}` takes it along;
 * `JSON.stringify` and `Object.keys` do not see it.
 */
export const FLOATS = Symbol("watertight.floats");
