/** From JavaScript's values to the contract's, checked here: what does not fit would be the end of the instance. */

import { Decimal } from "../decimal.js";
import { Schema } from "../schema.js";
import { Float, FLOATS } from "../values.js";
import { integer, shown, text } from "./integers.js";
import { isLogical, toPrimitive } from "./logical.js";
import { Place } from "./place.js";

/** @typedef {{tag: string, val?: any}} Node */

/** The worker's own limit. */
const DEPTH = 64;

const NULL = Object.freeze({ tag: "null" });

/**
 * @param {any} value
 * @param {Schema | null | undefined} schema null: none; undefined: the natural one
 * @param {string} name what to call it where it is wrong
 * @returns {{schema: Schema | null | undefined, value: Node}}
 */
export function write(value, schema, name) {
    const node = simple(value, schema);
    if (node !== null) {
        return { schema, value: node };
    }
    const place = new Place(name);
    if (schema === undefined) {
        schema = naturalSchema(value);
    } else if (schema !== null && !(schema instanceof Schema)) {
        throw place.failure(`${shown(schema)} is no Schema`);
    }
    const nodes = new Writer(place).written(value, schema ?? null);
    const composite = nodes.length > 1 || ["elements", "entries", "fields"].includes(nodes[0].tag);
    return { schema, value: composite ? { tag: "tape", val: nodes } : nodes[0] };
}

/** What most keys and values are, without further ado. @param {any} value @param {Schema | null | undefined} schema */
function simple(value, schema) {
    const free = schema === undefined || schema === null;
    switch (typeof value) {
        case "string":
            // @ts-ignore: newer than the library of some type checkers
            return (free || schema.type === "STRING") && value.isWellFormed() ? { tag: "text", val: value } : null;
        case "number":
            return free && Number.isSafeInteger(value) ? { tag: "integer", val: value + 0 } : null;
        case "boolean":
            return free ? { tag: "boolean", val: value } : null;
        default:
            return free && value === null ? NULL : null;
    }
}

/** The worker knows the natural schema of scalars and of what has none; those of Connect's own types are said. */
function naturalSchema(/** @type {any} */ value) {
    if (value instanceof Date) {
        return Schema.timestamp();
    }
    return value instanceof Decimal ? Schema.decimal(value.scale) : undefined;
}

class Writer {
    /** @param {Place} place */
    constructor(place) {
        this.place = place;
        /** @type {Node[]} */
        this.nodes = [];
    }

    /** @param {any} value @param {Schema | null} schema */
    written(value, schema) {
        this.#put(value, schema, false, 0);
        return this.nodes;
    }

    /** @param {any} value @param {Schema | null} schema @param {boolean} float @param {number} depth */
    #put(value, schema, float, depth) {
        if (depth >= DEPTH) {
            throw this.place.failure(`nested deeper than ${DEPTH} levels`);
        }
        if (value === null || value === undefined) {
            if (schema !== null && !schema.optional && schema.default === undefined) {
                throw this.place.failure(`${value} where the schema ${schema} is required`);
            }
            this.nodes.push(NULL);
        } else if (schema === null) {
            this.#schemaless(value, float, depth);
        } else {
            this.#typed(value, schema, depth);
        }
    }

    /** @param {any} value @param {boolean} float @param {number} depth */
    #schemaless(value, float, depth) {
        switch (typeof value) {
            case "boolean":
                this.nodes.push({ tag: "boolean", val: value });
                return;
            case "string":
                this.nodes.push({ tag: "text", val: text(value, this.place) });
                return;
            case "bigint":
                this.nodes.push({ tag: "integer", val: integer(value, this.place) });
                return;
            case "number":
                if (Number.isInteger(value) && !float) {
                    this.nodes.push({ tag: "integer", val: integer(value, this.place) });
                } else {
                    this.nodes.push({ tag: "float", val: value });
                }
                return;
            default:
        }
        if (value instanceof Float) {
            this.nodes.push({ tag: "float", val: value.value });
        } else if (value instanceof Uint8Array) {
            this.nodes.push({ tag: "bytes", val: value });
        } else if (Array.isArray(value)) {
            this.#elements(value, null, depth);
        } else if (value instanceof Map) {
            this.#entries([...value], null, /** @type {any} */ (value)[FLOATS], depth);
        } else if (isPlain(value)) {
            // As JSON has it: what is undefined is not there.
            const pairs = Object.entries(value).filter(([, item]) => item !== undefined);
            this.#entries(pairs, null, value[FLOATS], depth);
        } else if (value instanceof Date || value instanceof Decimal) {
            throw this.place.failure(`${shown(value)} needs a schema here`);
        } else {
            throw this.place.failure(`${shown(value)} is no type of Connect's`);
        }
    }

    /** @param {any} value @param {Schema} schema @param {number} depth */
    #typed(value, schema, depth) {
        const plain = isLogical(schema) ? toPrimitive(value, schema, this.place) : value;
        switch (schema.type) {
            case "BOOLEAN":
                this.#expect(typeof plain === "boolean", plain, schema);
                this.nodes.push({ tag: "boolean", val: plain });
                return;
            case "INT8":
            case "INT16":
            case "INT32":
            case "INT64":
                this.nodes.push({ tag: "integer", val: integer(plain, this.place, schema.type) });
                return;
            case "FLOAT32":
            case "FLOAT64": {
                const number = plain instanceof Float ? plain.value : plain;
                this.#expect(typeof number === "number", plain, schema);
                this.nodes.push({ tag: "float", val: number });
                return;
            }
            case "STRING":
                this.nodes.push({ tag: "text", val: text(plain, this.place) });
                return;
            case "BYTES":
                this.#expect(plain instanceof Uint8Array, plain, schema);
                this.nodes.push({ tag: "bytes", val: plain });
                return;
            case "ARRAY":
                this.#expect(Array.isArray(plain), plain, schema);
                this.#elements(plain, schema.valueSchema, depth);
                return;
            case "MAP":
                this.#expect(plain instanceof Map || isPlain(plain), plain, schema);
                this.#entries(plain instanceof Map ? [...plain] : Object.entries(plain), schema, undefined, depth);
                return;
            case "STRUCT":
                this.#expect(isPlain(plain), plain, schema);
                this.#fields(plain, schema, depth);
                return;
        }
    }

    /** @param {boolean} fits @param {any} value @param {Schema} schema */
    #expect(fits, value, schema) {
        if (!fits) {
            throw this.place.failure(`${shown(value)} does not fit the schema ${schema}`);
        }
    }

    /** @param {any[]} items @param {Schema | null} element @param {number} depth */
    #elements(items, element, depth) {
        const floats = /** @type {any} */ (items)[FLOATS];
        this.nodes.push({ tag: "elements", val: items.length });
        // By number: a hole in an array is null too.
        for (let n = 0; n < items.length; n += 1) {
            this.place.enter(n);
            this.#put(items[n], element, floats?.has(n) ?? false, depth + 1);
            this.place.leave();
        }
    }

    /**
     * @param {[any, any][]} pairs @param {Schema | null} schema
     * @param {Set<any> | undefined} floats @param {number} depth
     */
    #entries(pairs, schema, floats, depth) {
        this.nodes.push({ tag: "entries", val: pairs.length });
        for (const [key, value] of pairs) {
            this.place.enter(String(key));
            this.#put(key, schema?.keySchema ?? null, false, depth + 1);
            this.#put(value, schema?.valueSchema ?? null, floats?.has(key) ?? false, depth + 1);
            this.place.leave();
        }
    }

    /** @param {Record<string, any>} value @param {Schema} schema @param {number} depth */
    #fields(value, schema, depth) {
        this.nodes.push({ tag: "fields", val: schema.fields.length });
        let found = 0;
        for (const { name, schema: field } of schema.fields) {
            found += Object.hasOwn(value, name) ? 1 : 0;
            this.place.enter(name);
            this.#put(Object.hasOwn(value, name) ? value[name] : undefined, field, false, depth + 1);
            this.place.leave();
        }
        const names = Object.keys(value);
        if (found !== names.length) {
            const extra = names.find((name) => schema.field(name) === null);
            throw this.place.failure(`the schema ${schema} has no field ${extra}`);
        }
    }
}

/** @param {any} value */
function isPlain(value) {
    if (typeof value !== "object" || value === null) {
        return false;
    }
    const prototype = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
}
