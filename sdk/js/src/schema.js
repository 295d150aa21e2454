/** Connect's Schema: what a key, value or header is. Immutable; `optional()` and the like answer changed copies. */

/** Connect's types. */
export const Type = Object.freeze({
    BOOLEAN: "BOOLEAN",
    INT8: "INT8",
    INT16: "INT16",
    INT32: "INT32",
    INT64: "INT64",
    FLOAT32: "FLOAT32",
    FLOAT64: "FLOAT64",
    STRING: "STRING",
    BYTES: "BYTES",
    ARRAY: "ARRAY",
    MAP: "MAP",
    STRUCT: "STRUCT",
});

/** @typedef {(typeof Type)[keyof typeof Type]} TypeName */

/** Names of Connect's logical types. */
export const Logical = Object.freeze({
    DECIMAL: "org.apache.kafka.connect.data.Decimal",
    DATE: "org.apache.kafka.connect.data.Date",
    TIME: "org.apache.kafka.connect.data.Time",
    TIMESTAMP: "org.apache.kafka.connect.data.Timestamp",
});

/** @typedef {{name: string, schema: Schema}} Field */

/**
 * @typedef {object} Facets
 * @property {TypeName} type
 * @property {boolean} optional
 * @property {string | null} name of the record or logical type
 * @property {number | null} version
 * @property {string | null} doc
 * @property {readonly (readonly [string, string])[]} parameters
 * @property {any} default undefined: none
 * @property {Schema | null} keySchema
 * @property {Schema | null} valueSchema of elements, or of a map's values
 * @property {readonly Field[]} fields
 */

/** @implements {Facets} */
export class Schema {
    /** @param {Partial<Facets> & {type: TypeName}} facets */
    constructor(facets) {
        this.type = facets.type;
        this.optional = facets.optional ?? false;
        this.name = facets.name ?? null;
        this.version = facets.version ?? null;
        this.doc = facets.doc ?? null;
        this.parameters = facets.parameters ?? [];
        this.default = facets.default;
        /** @type {Schema | null} */
        this.keySchema = facets.keySchema ?? null;
        /** @type {Schema | null} */
        this.valueSchema = facets.valueSchema ?? null;
        this.fields = facets.fields ?? [];
        Object.freeze(this);
    }

    static boolean() {
        return new Schema({ type: "BOOLEAN" });
    }
    static int8() {
        return new Schema({ type: "INT8" });
    }
    static int16() {
        return new Schema({ type: "INT16" });
    }
    static int32() {
        return new Schema({ type: "INT32" });
    }
    static int64() {
        return new Schema({ type: "INT64" });
    }
    static float32() {
        return new Schema({ type: "FLOAT32" });
    }
    static float64() {
        return new Schema({ type: "FLOAT64" });
    }
    static string() {
        return new Schema({ type: "STRING" });
    }
    static bytes() {
        return new Schema({ type: "BYTES" });
    }

    /** @param {Schema} element */
    static array(element) {
        return new Schema({ type: "ARRAY", valueSchema: element });
    }

    /** @param {Schema} key @param {Schema} value */
    static map(key, value) {
        return new Schema({ type: "MAP", keySchema: key, valueSchema: value });
    }

    /** Fields in the order given. @param {Record<string, Schema> | Iterable<[string, Schema]>} fields */
    static struct(fields) {
        const pairs = Symbol.iterator in fields ? [...fields] : Object.entries(fields);
        return new Schema({ type: "STRUCT", fields: pairs.map(([name, schema]) => ({ name, schema })) });
    }

    /** So many decimal places. @param {number} scale */
    static decimal(scale) {
        return new Schema({ type: "BYTES", name: Logical.DECIMAL, version: 1, parameters: [["scale", String(scale)]] });
    }

    /** A day. */
    static date() {
        return new Schema({ type: "INT32", name: Logical.DATE, version: 1 });
    }

    /** A time of day, without a day: a Date on 1970-01-01. */
    static time() {
        return new Schema({ type: "INT32", name: Logical.TIME, version: 1 });
    }

    static timestamp() {
        return new Schema({ type: "INT64", name: Logical.TIMESTAMP, version: 1 });
    }

    /** The same with some facets replaced. @param {Partial<Facets>} facets */
    with(facets) {
        return new Schema({ ...this, ...facets });
    }

    /** May be null. */
    asOptional() {
        return this.with({ optional: true });
    }

    asRequired() {
        return this.with({ optional: false });
    }

    /** @param {string | null} name @param {number | null} [version] */
    named(name, version = this.version) {
        return this.with({ name, version });
    }

    /** @param {any} value */
    defaulting(value) {
        return this.with({ default: value });
    }

    /**
     * The struct with one more field, or with another schema of one it has.
     * @param {string} name @param {Schema} schema
     */
    withField(name, schema) {
        const known = this.fields.some((field) => field.name === name);
        const changed = this.fields.map((field) => (field.name === name ? { name, schema } : field));
        return this.with({ fields: known ? changed : [...this.fields, { name, schema }] });
    }

    /** The struct without a field. @param {string} name */
    withoutField(name) {
        return this.with({ fields: this.fields.filter((field) => field.name !== name) });
    }

    /** @param {string} name */
    field(name) {
        return this.fields.find((field) => field.name === name)?.schema ?? null;
    }

    /** @param {string} name */
    parameter(name) {
        return this.parameters.find(([known]) => known === name)?.[1] ?? null;
    }

    toString() {
        return this.name ?? this.type;
    }
}

/**
 * Remembers one derived schema per schema. Records come with few schemas and in great numbers, and the worker wants to
 * see a schema that is derived from each once, not with every record.
 * @param {(schema: Schema) => Schema} derive
 */
export function derived(derive) {
    /** @type {WeakMap<Schema, Schema>} */
    const known = new WeakMap();
    return /** @param {Schema} schema */ (schema) => {
        let found = known.get(schema);
        if (found === undefined) {
            found = derive(schema);
            known.set(schema, found);
        }
        return found;
    };
}
