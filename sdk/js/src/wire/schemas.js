/** Schemas as the contract's nodes, and the numbers that it reserves. */

import { Schema } from "../schema.js";
import { Tape } from "./reading.js";
import { write } from "./writing.js";

/** The natural schema of a value. */
export const NATURAL = 0;
/** No schema. */
export const NONE = 1;

const PRIMITIVES = /** @type {const} */ ([
    ["BOOLEAN", "boolean"],
    ["INT8", "int8"],
    ["INT16", "int16"],
    ["INT32", "int32"],
    ["INT64", "int64"],
    ["FLOAT32", "float32"],
    ["FLOAT64", "float64"],
    ["STRING", "text"],
    ["BYTES", "bytes"],
]);
const DATES = [Schema.date(), Schema.time(), Schema.timestamp()];

/** @type {Map<number, Schema>} */
const RESERVED = new Map();
PRIMITIVES.forEach(([type], at) => {
    RESERVED.set(2 + at, new Schema({ type }));
    RESERVED.set(11 + at, new Schema({ type, optional: true }));
});
DATES.forEach((schema, at) => {
    RESERVED.set(20 + at, schema);
    RESERVED.set(23 + at, schema.asOptional());
});

/** The schema behind a reserved number. @param {number} id */
export function reserved(id) {
    return RESERVED.get(id);
}

/** The reserved number of a plain schema, if it has one. @param {Schema} schema */
export function reservedId(schema) {
    if (schema.doc !== null || schema.default !== undefined || schema.parameters.length > 0) {
        return undefined;
    }
    const primitive = PRIMITIVES.findIndex(([type]) => type === schema.type);
    if (schema.name === null && schema.version === null && primitive >= 0) {
        return (schema.optional ? 11 : 2) + primitive;
    }
    const date = DATES.findIndex((known) => known.name === schema.name && known.type === schema.type);
    return schema.version === 1 && date >= 0 ? (schema.optional ? 23 : 20) + date : undefined;
}

/** Nodes of the contract, in pre-order. @param {Schema} schema @returns {object[]} */
export function toNodes(schema) {
    const inside = schema.type === "STRUCT" ? schema.fields.map((field) => field.schema) : [];
    return [
        {
            shape: shape(schema),
            optional: schema.optional,
            name: schema.name,
            version: schema.version,
            doc: schema.doc,
            parameters: schema.parameters,
            defaultValue: schema.default === undefined ? null : tapeOf(schema.default, schema),
        },
        ...[schema.keySchema, schema.valueSchema, ...inside].flatMap((child) => (child === null ? [] : toNodes(child))),
    ];
}

/** @param {Schema} schema */
function shape(schema) {
    switch (schema.type) {
        case "ARRAY":
            return { tag: "array-of" };
        case "MAP":
            return { tag: "map-of" };
        case "STRUCT":
            return { tag: "struct-of", val: schema.fields.map((field) => field.name) };
        default:
            return { tag: "primitive", val: PRIMITIVES.find(([type]) => type === schema.type)?.[1] };
    }
}

/** @param {any} value @param {Schema} schema */
function tapeOf(value, schema) {
    const written = write(value, schema, `the default of the schema ${schema}`).value;
    return written.tag === "tape" ? written.val : [written];
}

/** @param {any[]} nodes @returns {Schema} */
export function fromNodes(nodes) {
    let at = 0;
    /** @returns {Schema} */
    const next = () => {
        const node = nodes[at];
        at += 1;
        const { tag, val } = node.shape;
        const schema = new Schema({
            type: tag === "primitive" ? (PRIMITIVES.find(([, name]) => name === val)?.[0] ?? "BYTES") : COMPOSITES[tag],
            optional: node.optional,
            name: node.name,
            version: node.version,
            doc: node.doc,
            parameters: node.parameters,
            keySchema: tag === "map-of" ? next() : null,
            valueSchema: tag === "map-of" || tag === "array-of" ? next() : null,
            fields: tag === "struct-of" ? val.map((/** @type {string} */ name) => ({ name, schema: next() })) : [],
        });
        return node.defaultValue === null ? schema : schema.defaulting(new Tape(node.defaultValue).next(schema));
    };
    return next();
}

/** @type {Record<string, "ARRAY" | "MAP" | "STRUCT">} */
const COMPOSITES = { "array-of": "ARRAY", "map-of": "MAP", "struct-of": "STRUCT" };
