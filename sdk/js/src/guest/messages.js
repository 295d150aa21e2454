/** Records on their way in and out of the component. */

import schemas from "watertight:runtime/schemas@0.2.0";

import { Failure } from "../failure.js";
import { integer, text } from "../wire/integers.js";
import { read } from "../wire/reading.js";
import { fromNodes, NATURAL, NONE, reserved, reservedId, toNodes } from "../wire/schemas.js";
import { write } from "../wire/writing.js";
import { Header } from "../record.js";

/** @typedef {import("../schema.js").Schema} Schema */

const KEPT = 1000;

/** Schemas that the worker sent, newest last. @type {Map<number, Schema>} */
const received = new Map();

/** Numbers of schemas that this instance defined: good for ever. @type {WeakMap<Schema, number>} */
const defined = new WeakMap();

/**
 * Numbers of schemas that the worker sent with the batch at hand: it may forget them later.
 * @type {Map<Schema, number>}
 */
const current = new Map();

/** A new call has begun. */
export function begin() {
    current.clear();
}

/** @param {number} id @returns {Schema | null} */
function schemaOf(id) {
    if (id === NONE || id === NATURAL) {
        return null;
    }
    let schema = reserved(id) ?? received.get(id);
    if (schema === undefined) {
        const nodes = schemas.get(id);
        if (nodes === null) {
            throw Failure.data(`the worker does not know the schema ${id} that it sent`);
        }
        schema = fromNodes(nodes);
        received.set(id, schema);
        if (received.size > KEPT) {
            received.delete(received.keys().next().value ?? id);
        }
    }
    if (id > 63) {
        current.set(schema, id);
    }
    return schema;
}

/** @param {Schema | null | undefined} schema @returns {number} */
function idOf(schema) {
    if (schema === undefined) {
        return NATURAL;
    }
    if (schema === null) {
        return NONE;
    }
    const known = reservedId(schema) ?? current.get(schema) ?? defined.get(schema);
    if (known !== undefined) {
        return known;
    }
    const id = define(schema);
    defined.set(schema, id);
    return id;
}

/** @param {Schema} schema @returns {number} */
function define(schema) {
    try {
        return schemas.define(toNodes(schema));
    } catch (error) {
        const why = /** @type {any} */ (error)?.payload;
        throw typeof why === "string" ? Failure.data(`the schema ${schema} cannot be: ${why}`) : error;
    }
}

/** A datum of the worker, read when it is asked for, and handed back as it came. */
class Received {
    #value;
    #read = false;

    /** @param {{schema: number, value: any}} datum @param {string} name */
    constructor(datum, name) {
        this.datum = datum;
        this.name = name;
        this.#value = /** @type {any} */ (undefined);
    }

    get schema() {
        return schemaOf(this.datum.schema);
    }

    get value() {
        if (!this.#read) {
            this.#value = this.#readNow();
            this.#read = true;
        }
        return this.#value;
    }

    #readNow() {
        try {
            return read(this.datum.value, this.schema);
        } catch (error) {
            throw error instanceof Failure ? Failure.data(`${this.name}: ${error.message}`, error) : error;
        }
    }
}

/** @param {any} message of the contract @param {string[]} topics @returns {import("../record.js").Parts} */
export function partsOf(message, topics) {
    return {
        topic: topics[message.topic],
        partition: message.partition,
        key: new Received(message.key, "key"),
        value: new Received(message.value, "value"),
        headers: Object.freeze(
            message.headers.map(
                (/** @type {any} */ h) => new Header(h.name, new Received(h.value, `header ${h.name}`)),
            ),
        ),
        timestamp: message.timestamp,
    };
}

/** @param {import("../record.js").Datum} datum @param {string} name */
export function toDatum(datum, name) {
    if (datum instanceof Received) {
        return datum.datum;
    }
    const { schema, value } = write(datum.value, datum.schema, name);
    return { schema: idOf(schema), value };
}

/** The contract's message. @param {import("../record.js").Parts} parts @param {number} topic */
export function toMessage(parts, topic) {
    const { partition, timestamp } = parts;
    return {
        topic,
        partition: partition === null ? null : integer(partition, "partition", "INT32"),
        key: toDatum(parts.key, "key"),
        value: toDatum(parts.value, "value"),
        headers: parts.headers.map((header) => ({
            name: text(header.name, "the name of a header"),
            value: toDatum(header.datum, `header ${header.name}`),
        })),
        timestamp: timestamp === null ? null : integer(timestamp, "timestamp"),
    };
}

/** Topics of a batch, each listed once and referred to by its place. */
export class Topics {
    #next;

    /** @param {string[]} given */
    constructor(given = []) {
        this.given = given.length;
        this.#next = given.length;
        /** @type {Map<string, number>} */
        this.places = new Map(given.map((topic, at) => [topic, at]));
    }

    /** @param {any} topic */
    place(topic) {
        const known = this.places.get(topic);
        if (known !== undefined) {
            return known;
        }
        const added = this.#next;
        this.#next += 1;
        this.places.set(text(topic, "topic"), added);
        return added;
    }

    /** Those that were not given. */
    get added() {
        return [...this.places].filter(([, at]) => at >= this.given).map(([topic]) => topic);
    }
}
