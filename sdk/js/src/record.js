/**
 * Connect's ConnectRecord: what sources, sinks and transforms have in common.
 *
 * A record and what it holds is frozen, and `with` answers a changed copy: the worker keeps what did not change, so
 * that it costs nothing and stays exactly what it was. Keys, values and headers are read when they are asked for.
 */

/** @typedef {import("./schema.js").Schema} Schema */

/**
 * A value and its schema. Without a schema: null. Undefined: the schema that the value itself suggests.
 * @typedef {{readonly value: any, readonly schema: Schema | null | undefined}} Datum
 */

const EMPTY = Object.freeze({ value: null, schema: null });
const NO_HEADERS = /** @type {readonly Header[]} */ (Object.freeze([]));

export class Header {
    #datum;

    /** @param {string} name @param {Datum} datum */
    constructor(name, datum) {
        this.name = name;
        this.#datum = datum;
        Object.freeze(this);
    }

    get value() {
        return this.#datum.value;
    }

    get schema() {
        return this.#datum.schema;
    }

    /** As it came: for this package. */
    get datum() {
        return this.#datum;
    }
}

/**
 * @typedef {object} Parts
 * @property {string} topic
 * @property {number | null} partition
 * @property {Datum} key
 * @property {Datum} value
 * @property {readonly Header[]} headers
 * @property {number | null} timestamp
 */

/**
 * What a record is made of, or what is changed in one. Headers may be made of plain objects.
 * @typedef {object} Contents
 * @property {string} [topic]
 * @property {number | null} [partition]
 * @property {any} [key]
 * @property {Schema | null} [keySchema]
 * @property {any} [value]
 * @property {Schema | null} [valueSchema]
 * @property {Iterable<Header | {name: string, value: any, schema?: Schema | null}>} [headers]
 * @property {number | null} [timestamp]
 */

/** What a record is made of. */
export const NAMES = new Set([
    "topic",
    "partition",
    "key",
    "keySchema",
    "value",
    "valueSchema",
    "headers",
    "timestamp",
]);

export class Record {
    #parts;

    /** Of plain values; see `Contents`. @param {Contents} contents */
    static of(contents) {
        return new Record(fresh(contents));
    }

    /** @param {Parts} parts */
    constructor(parts) {
        this.#parts = Object.freeze(parts);
    }

    get topic() {
        return this.#parts.topic;
    }

    get partition() {
        return this.#parts.partition;
    }

    get key() {
        return this.#parts.key.value;
    }

    get keySchema() {
        return this.#parts.key.schema;
    }

    get value() {
        return this.#parts.value.value;
    }

    get valueSchema() {
        return this.#parts.value.schema;
    }

    get headers() {
        return this.#parts.headers;
    }

    get timestamp() {
        return this.#parts.timestamp;
    }

    /** The newest header of this name, or undefined. @param {string} name */
    header(name) {
        return this.headers.findLast((header) => header.name === name);
    }

    /**
     * A changed copy. A key or value that is given without its schema keeps the one it had.
     * @param {Contents} contents
     */
    with(contents) {
        return new Record(changed(this.#parts, contents));
    }

    /** As it came: for this package. */
    get parts() {
        return this.#parts;
    }
}

/** @param {Contents} contents @param {Set<string>} names */
function check(contents, names) {
    for (const name in contents) {
        if (!names.has(name)) {
            throw new TypeError(`a record has no ${name}, only ${[...names].join(", ")}`);
        }
    }
}

/**
 * The parts of a record of plain values.
 * @param {Contents} contents @param {Set<string>} names all that it may have
 * @returns {Parts}
 */
export function fresh(contents, names = NAMES) {
    check(contents, names);
    const { key = null, value = null, headers } = contents;
    return {
        topic: /** @type {string} */ (contents.topic),
        partition: contents.partition ?? null,
        key: key === null && contents.keySchema === undefined ? EMPTY : { value: key, schema: contents.keySchema },
        value: { value, schema: contents.valueSchema },
        headers: headers === undefined ? NO_HEADERS : Object.freeze([...headers].map(asHeader)),
        timestamp: contents.timestamp ?? null,
    };
}

/** @param {Parts} parts @param {Contents} contents @returns {Parts} */
function changed(parts, contents) {
    check(contents, NAMES);
    return {
        topic: contents.topic ?? parts.topic,
        partition: contents.partition === undefined ? parts.partition : contents.partition,
        key: part(parts.key, contents, "key", "keySchema"),
        value: part(parts.value, contents, "value", "valueSchema"),
        headers: contents.headers === undefined ? parts.headers : Object.freeze([...contents.headers].map(asHeader)),
        timestamp: contents.timestamp === undefined ? parts.timestamp : contents.timestamp,
    };
}

/**
 * @param {Datum} datum @param {any} contents @param {"key" | "value"} name @param {"keySchema" | "valueSchema"} schema
 * @returns {Datum}
 */
function part(datum, contents, name, schema) {
    if (!Object.hasOwn(contents, name) && !Object.hasOwn(contents, schema)) {
        return datum;
    }
    return Object.freeze({
        value: Object.hasOwn(contents, name) ? contents[name] : datum.value,
        schema: Object.hasOwn(contents, schema) ? contents[schema] : datum.schema,
    });
}

/** @param {Header | {name: string, value: any, schema?: Schema | null}} header */
function asHeader(header) {
    return header instanceof Header ? header : new Header(header.name, { value: header.value, schema: header.schema });
}
