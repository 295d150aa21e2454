import assert from "node:assert/strict";
import { test } from "node:test";

import { Decimal, float, Schema } from "../src/index.js";
import { read } from "../src/wire/reading.js";
import { fromNodes, reserved, reservedId, toNodes } from "../src/wire/schemas.js";
import { write } from "../src/wire/writing.js";

const EXACT = 2 ** 53;

/** There and back. */
function through(value, schema) {
    return read(write(value, schema, "value").value, schema ?? null);
}

const order = Schema.struct({
    id: Schema.int64(),
    small: Schema.int8().asOptional(),
    ratio: Schema.float32(),
    name: Schema.string().defaulting("none"),
    data: Schema.bytes(),
    price: Schema.decimal(2),
    day: Schema.date(),
    at: Schema.timestamp(),
    clock: Schema.time(),
    tags: Schema.array(Schema.string()),
    counts: Schema.map(Schema.int32(), Schema.boolean()),
    inner: Schema.struct({ deep: Schema.array(Schema.array(Schema.int16())) }).named("Inner", 3),
});

const ORDER = {
    id: EXACT,
    small: null,
    ratio: 0.5,
    name: "ü𝄞",
    data: new Uint8Array([0, 255]),
    price: Decimal.parse("-12.50"),
    day: new Date("1969-12-31"),
    at: new Date(-1),
    clock: new Date(86_399_999),
    tags: ["a", ""],
    counts: new Map([[1, true]]),
    inner: { deep: [[1], []] },
};

test("a struct of every type comes back as it was", () => {
    const found = through(ORDER, order);
    assert.deepEqual({ ...found, counts: new Map(found.counts) }, ORDER);
});

test("a schema comes back as it was, with defaults and parameters", () => {
    assert.deepEqual(fromNodes(toNodes(order)), order);
    const documented = Schema.decimal(3).with({ doc: "d", default: Decimal.parse("1.000") });
    assert.deepEqual(fromNodes(toNodes(documented)), documented);
});

test("plain schemas have reserved numbers, in both directions", () => {
    for (const id of [2, 6, 9, 10, 11, 15, 19, 20, 22, 23, 25]) {
        assert.equal(reservedId(reserved(id)), id);
    }
    assert.equal(reserved(26), undefined);
    assert.equal(reservedId(Schema.string().named("x")), undefined);
    assert.equal(reservedId(Schema.decimal(0)), undefined);
    assert.equal(reservedId(Schema.int64().defaulting(1)), undefined);
});

test("2^53 passes, as a number and as a BigInt", () => {
    for (const value of [EXACT, -EXACT, BigInt(EXACT), -BigInt(EXACT)]) {
        assert.deepEqual(write(value, Schema.int64(), "value").value, { tag: "integer", val: Number(value) });
        assert.deepEqual(write(value, undefined, "value").value, { tag: "integer", val: Number(value) });
    }
});

test("an integer beyond 2^53 is refused with the name of its field", () => {
    for (const value of [2 ** 53 + 2, -(2 ** 60), 2n ** 53n + 1n, -(2n ** 63n), 2n ** 64n]) {
        const named = { code: "data", message: /^value\.items\[1\]\.id: .*beyond 2\^53/ };
        const inside = { items: [{ id: 1 }, { id: value }] };
        assert.throws(() => write(inside, null, "value"), named);
        assert.throws(() => write(inside, undefined, "value"), named);
        const schema = Schema.struct({ items: Schema.array(Schema.struct({ id: Schema.int64() })) });
        assert.throws(() => write(inside, schema, "value"), named);
        assert.throws(() => write(value, undefined, "key"), /^Failure: key: .*beyond 2\^53/);
    }
});

test("as a float or a decimal any size passes", () => {
    assert.equal(through(2 ** 60, Schema.float64()), 2 ** 60);
    assert.equal(through(new Decimal(2n ** 80n, 0), Schema.decimal(0)).unscaled, 2n ** 80n);
});

test("a value that does not fit its schema is named", () => {
    const wrong = [
        [128, Schema.int8(), /value: 128 is out of the range of INT8/],
        [1.5, Schema.int32(), /value: number 1\.5 is no INT32/],
        [NaN, Schema.int64(), /value: number NaN is no INT64/],
        ["1", Schema.int64(), /value: "1" is no INT64/],
        [1, Schema.string(), /value: number 1 is no text/],
        ["\ud800", Schema.string(), /surrogate/],
        [null, Schema.string(), /value: null where the schema STRING is required/],
        [{}, Schema.struct({ a: Schema.int8() }), /value\.a: undefined where/],
        [{ a: 1, b: 2 }, Schema.struct({ a: Schema.int8() }), /has no field b/],
        [new Date(NaN), Schema.timestamp(), /no Date/],
        [new Date(1), Schema.date(), /time of day/],
        [new Date(-1), Schema.time(), /1970-01-01/],
        [Decimal.parse("1.5"), Schema.decimal(2), /1\.5 has 1 decimal places, its schema 2/],
        [new Set(), undefined, /class Set is no type/],
        [() => 1, null, /a function is no type/],
        [{ at: new Date(0) }, undefined, /value\.at: .* needs a schema/],
    ];
    for (const [value, schema, message] of wrong) {
        assert.throws(() => write(value, schema, "value"), message);
    }
});

test("a value that holds itself is refused", () => {
    const loop = [];
    loop.push(loop);
    assert.throws(() => write(loop, undefined, "value"), /deeper than 64/);
});

test("without a schema a whole float stays a float, also in a changed copy", () => {
    const tape = [{ tag: "entries", val: 3 }];
    tape.push({ tag: "text", val: "price" }, { tag: "float", val: 1 });
    tape.push({ tag: "text", val: "count" }, { tag: "integer", val: 1 });
    tape.push(
        { tag: "text", val: "list" },
        { tag: "elements", val: 2 },
        { tag: "float", val: 2 },
        { tag: "integer", val: 2 },
    );
    const found = read({ tag: "tape", val: tape }, null);
    assert.equal(JSON.stringify(found), '{"price":1,"count":1,"list":[2,2]}');
    const written = write({ ...found, more: float(3) }, null, "value").value.val;
    assert.deepEqual(written.slice(1, tape.length), tape.slice(1));
    assert.deepEqual(written.at(-1), { tag: "float", val: 3 });
});

test("a map without a schema is an object, unless a key is no text", () => {
    const tape = (key) => [{ tag: "entries", val: 1 }, key, { tag: "null" }];
    assert.deepEqual(
        read({ tag: "tape", val: tape({ tag: "text", val: "__proto__" }) }, null),
        JSON.parse('{"__proto__":null}'),
    );
    assert.deepEqual([...read({ tag: "tape", val: tape({ tag: "integer", val: 7 }) }, null)], [[7, null]]);
});

test("what was read cannot be changed in place, where the change would be lost", () => {
    const found = through(ORDER, order);
    assert.throws(() => (found.id = 1), TypeError);
    assert.throws(() => found.tags.push("x"), TypeError);
    assert.throws(() => found.counts.set(2, false), TypeError);
});

test("a tape that does not end where its counts say is refused", () => {
    assert.throws(
        () => read({ tag: "tape", val: [{ tag: "elements", val: 2 }, { tag: "null" }] }, null),
        /ends before/,
    );
    assert.throws(() => read({ tag: "tape", val: [{ tag: "null" }, { tag: "null" }] }, null), /goes on/);
});

test("a timestamp that no Date can hold is refused", () => {
    assert.throws(
        () => read({ tag: "integer", val: EXACT }, Schema.timestamp()),
        /beyond what JavaScript's Date can hold/,
    );
});
