import assert from "node:assert/strict";
import { test } from "node:test";

import { Config, Record, Schema } from "watertight-sdk";
import { Template } from "../template.js";

function transform(template) {
    const made = new Template();
    made.configure(new Config({ field: "full", template }));
    return made;
}

const VALUE = Object.freeze({ first: "Ada", n: 1, nothing: null });
const STRUCT = Schema.struct({ first: Schema.string(), n: Schema.int64(), nothing: Schema.string().asOptional() });

test("names in the template become the values of fields", () => {
    const record = Record.of({ topic: "t", value: VALUE, valueSchema: null });
    const { value, valueSchema } = transform("{first} {n} {nothing} {").apply(record);
    assert.deepEqual([value, valueSchema], [{ ...VALUE, full: "Ada 1 null {" }, null]);
});

test("a struct gets a schema with the field, the same for all of its schema", () => {
    const apply = transform("{first}");
    const records = [1, 2].map(() => apply.apply(Record.of({ topic: "t", value: VALUE, valueSchema: STRUCT })));
    assert.deepEqual(
        records[0].valueSchema.fields.map((field) => field.name),
        ["first", "n", "nothing", "full"],
    );
    assert.equal(records[0].valueSchema, records[1].valueSchema);
});

test("a field that is there is replaced where it stands", () => {
    const made = new Template();
    made.configure(new Config({ field: "n", template: "{n}!" }));
    const { value, valueSchema } = made.apply(Record.of({ topic: "t", value: VALUE, valueSchema: STRUCT }));
    assert.deepEqual(
        [Object.keys(value), value.n, valueSchema.field("n").type],
        [["first", "n", "nothing"], "1!", "STRING"],
    );
});

test("a tombstone stays what it is", () => {
    const record = Record.of({ topic: "t", value: null, valueSchema: null });
    assert.equal(transform("x").apply(record), record);
});

test("a missing field and a value without fields are named", () => {
    const of = (value, valueSchema) => Record.of({ topic: "t", value, valueSchema });
    assert.throws(() => transform("{last}").apply(of(VALUE, null)), /no field last, only first, n, nothing/);
    assert.throws(() => transform("x").apply(of("text", Schema.string())), /no fields/);
    assert.throws(() => transform("x").apply(of([1], Schema.array(Schema.int8()))), /no fields/);
});
