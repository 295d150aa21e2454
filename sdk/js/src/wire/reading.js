/** From the contract's values and tapes to JavaScript's. */

import { Failure } from "../failure.js";
import { FLOATS } from "../values.js";
import { fromPrimitive, isLogical } from "./logical.js";

/** @typedef {import("../schema.js").Schema} Schema */
/** @typedef {{tag: string, val?: any}} Node */

/**
 * @param {Node} value the contract's `value`
 * @param {Schema | null} schema
 */
export function read(value, schema) {
    if (value.tag === "tape") {
        const tape = new Tape(value.val);
        const found = tape.next(schema);
        if (!tape.ended) {
            throw Failure.data("the tape goes on after its end");
        }
        return found;
    }
    if (value.tag === "json") {
        throw Failure.data("JSON text came for a class without the feature json");
    }
    return scalar(value, schema);
}

/** @param {Node} node @param {Schema | null} schema */
function scalar(node, schema) {
    if (node.tag === "null") {
        return null;
    }
    return schema !== null && isLogical(schema) ? fromPrimitive(node.val, schema) : node.val;
}

/** Nodes in pre-order. What is read is frozen: a change in place would be lost on the way back. */
export class Tape {
    /** @param {Node[]} nodes */
    constructor(nodes) {
        this.nodes = nodes;
        this.at = 0;
    }

    get ended() {
        return this.at === this.nodes.length;
    }

    /** @param {Schema | null} schema @returns {any} */
    next(schema) {
        const node = this.nodes[this.at];
        if (node === undefined) {
            throw Failure.data("the tape ends before its counts say");
        }
        this.at += 1;
        switch (node.tag) {
            case "elements":
                return this.#elements(node.val, schema);
            case "entries":
                return schema === null ? this.#schemaless(node.val) : this.#entries(node.val, schema);
            case "fields":
                return this.#fields(node.val, schema);
            default:
                return scalar(node, schema);
        }
    }

    /** Whether the next node is a whole number that is a float. */
    #isWholeFloat() {
        const node = this.nodes[this.at];
        return node?.tag === "float" && Number.isInteger(node.val);
    }

    /** @param {number} count @param {Schema | null} schema */
    #elements(count, schema) {
        const element = schema?.valueSchema ?? null;
        const items = [];
        const floats = new Set();
        for (let n = 0; n < count; n += 1) {
            if (schema === null && this.#isWholeFloat()) {
                floats.add(n);
            }
            items.push(this.next(element));
        }
        return finished(items, floats);
    }

    /** @param {number} count @param {Schema} schema */
    #entries(count, schema) {
        const map = new FrozenMap();
        for (let n = 0; n < count; n += 1) {
            const key = this.next(schema.keySchema);
            map.fill(key, this.next(schema.valueSchema));
        }
        return Object.freeze(map);
    }

    /** @param {number} count */
    #schemaless(count) {
        /** @type {[any, any][]} */
        const pairs = [];
        const floats = new Set();
        let plain = true;
        for (let n = 0; n < count; n += 1) {
            const key = this.next(null);
            plain &&= typeof key === "string";
            if (this.#isWholeFloat()) {
                floats.add(key);
            }
            pairs.push([key, this.next(null)]);
        }
        if (plain) {
            return finished(Object.fromEntries(pairs), floats);
        }
        const map = new FrozenMap();
        for (const [key, value] of pairs) {
            map.fill(key, value);
        }
        return finished(map, floats);
    }

    /** @param {number} count @param {Schema | null} schema */
    #fields(count, schema) {
        if (schema === null || schema.fields.length !== count) {
            throw Failure.data(`a struct of ${count} values does not fit its schema`);
        }
        return Object.freeze(Object.fromEntries(schema.fields.map((field) => [field.name, this.next(field.schema)])));
    }
}

/** @template T @param {T} made @param {Set<any>} floats @returns {T} */
function finished(made, floats) {
    if (floats.size > 0) {
        Object.defineProperty(made, FLOATS, { value: floats, enumerable: true });
    }
    return Object.freeze(made);
}

/** A Map that came with a record. */
export class FrozenMap extends Map {
    /** @param {any} key @param {any} value */
    fill(key, value) {
        super.set(key, value);
    }

    /** @returns {never} */
    set() {
        throw new TypeError("a map of a record cannot be changed: make a new Map of it");
    }

    /** @returns {never} */
    delete() {
        return this.set();
    }

    /** @returns {never} */
    clear() {
        return this.set();
    }
}
