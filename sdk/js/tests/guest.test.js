import "./bindings.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import * as sdk from "../src/index.js";

const { describing } = await import("../src/guest/describing.js");
const { predicate } = await import("../src/guest/predicate.js");
const { sinkTask } = await import("../src/guest/sink.js");
const { sourceTask } = await import("../src/guest/source.js");
const { transformation } = await import("../src/guest/transformation.js");

const NULL = { schema: 1, value: { tag: "null" } };
const settings = [{ name: "a", value: "b", secret: true }];

function message(schema, value) {
    return {
        topic: 0,
        partition: 3,
        key: NULL,
        value: { schema, value },
        headers: [{ name: "h", value: NULL }],
        timestamp: 7,
    };
}

/** What a transform of this function answers. */
function applied(apply, ...messages) {
    class Some extends sdk.Transformation {
        static CLASS = new sdk.PluginClass("t", "1");
        apply = apply;
    }
    const exported = transformation([Some]);
    exported.configure("t", settings);
    return exported.apply({ topics: ["in"], messages, offsets: [] });
}

/** The failure that a call throws. */
function thrown(call) {
    try {
        call();
    } catch (failure) {
        return failure;
    }
    assert.fail("nothing was thrown");
}

test("describe answers with the names of the bindings", () => {
    class Some extends sdk.Transformation {
        static CLASS = new sdk.PluginClass("t", "1", { config: [new sdk.ConfigKey("k")] });
    }
    const [one] = describing([Some]).describe();
    assert.equal(one.taskClass, null);
    assert.equal(one.config[0].defaultValue, null);
    assert.equal(one.role, "transformation");
});

test("a transform answers unchanged, dropped, changed or failed for each record", () => {
    const apply = (record) => {
        switch (record.value) {
            case "drop":
                return null;
            case "change":
                return record.with({
                    topic: "out",
                    value: "changed",
                    headers: [...record.headers, { name: "n", value: 1 }],
                });
            case "fail":
                throw sdk.Failure.data("no good");
            default:
                return record;
        }
    };
    const found = applied(
        apply,
        ...["keep", "drop", "change", "fail"].map((text) => message(9, { tag: "text", val: text })),
    );
    assert.deepEqual(found.newTopics, ["out"]);
    const [keep, drop, change, fail] = found.outcomes;
    assert.deepEqual([keep.tag, drop.tag, fail.tag, fail.val.code], ["unchanged", "dropped", "failed", "data"]);
    assert.match(fail.val.trace, /no good\n.*at /s);
    assert.deepEqual(change.val, {
        topic: 1,
        partition: 3,
        key: NULL,
        value: { schema: 9, value: { tag: "text", val: "changed" } },
        headers: [
            { name: "h", value: NULL },
            { name: "n", value: { schema: 0, value: { tag: "integer", val: 1 } } },
        ],
        timestamp: 7,
    });
});

test("an integer beyond 2^53 fails its record alone and is named", () => {
    const apply = (record) => record.with({ value: record.value * 2 });
    const [good, bad] = applied(
        apply,
        message(6, { tag: "integer", val: 1 }),
        message(6, { tag: "integer", val: 2 ** 53 }),
    ).outcomes;
    assert.deepEqual(good.val.value, { schema: 6, value: { tag: "integer", val: 2 } });
    assert.equal(bad.tag, "failed");
    assert.match(bad.val.message, /^value: .*beyond 2\^53/);
});

test("what a transform does not touch goes back as it came", () => {
    const value = {
        tag: "tape",
        val: [
            { tag: "entries", val: 1 },
            { tag: "text", val: "x" },
            { tag: "float", val: 1 },
        ],
    };
    const [one] = applied((record) => record.with({ topic: "out" }), message(1, value)).outcomes;
    assert.equal(one.val.value.value, value);
});

test("a derived schema is defined once, and a schema of the worker goes back by its number", () => {
    const nodes = (name) => [
        {
            shape: { tag: "struct-of", val: [name] },
            optional: false,
            name: "S",
            version: 1,
            doc: null,
            parameters: [],
            defaultValue: null,
        },
        {
            shape: { tag: "primitive", val: "int32" },
            optional: false,
            name: null,
            version: null,
            doc: null,
            parameters: [],
            defaultValue: null,
        },
    ];
    bindings.schemas.set(64, nodes("a"));
    const tape = {
        tag: "tape",
        val: [
            { tag: "fields", val: 1 },
            { tag: "integer", val: 5 },
        ],
    };
    const more = sdk.derived((schema) => schema.withField("b", sdk.Schema.string()));
    const apply = (record) =>
        record.header("h").name === "h" && record.partition === 3
            ? record.with({ value: { ...record.value, b: "x" }, valueSchema: more(record.valueSchema) })
            : record;
    const { outcomes } = applied(apply, message(64, tape), message(64, tape));
    assert.deepEqual(
        outcomes.map((one) => one.val.value.schema),
        [65, 65],
    );
    assert.deepEqual(outcomes[0].val.value.value.val.at(-1), { tag: "text", val: "x" });
    const same = applied((record) => record.with({ value: { a: 6 } }), message(64, tape)).outcomes[0];
    assert.equal(same.val.value.schema, 64);
    assert.equal(bindings.schemas.size, 2);
});

test("what cannot be read fails its record and says where it was", () => {
    const touched = (record) => record.with({ value: record.value });
    const [one] = applied(touched, message(22, { tag: "integer", val: 2 ** 53 })).outcomes;
    assert.match(one.val.message, /^value: 9007199254740992 ms since 1970 is beyond/);
});

test("a predicate answers for each record, and a failure is that record's", () => {
    class Some extends sdk.Predicate {
        static CLASS = new sdk.PluginClass("p", "1");
        test(record) {
            return record.value === "odd" ? undefined : record.value === "yes";
        }
    }
    const exported = predicate([Some]);
    exported.configure("p", []);
    const messages = ["yes", "no", "odd"].map((text) => message(9, { tag: "text", val: text }));
    const found = exported.test({ topics: ["in"], messages, offsets: [] });
    assert.deepEqual(found.slice(0, 2), [
        { tag: "ok", val: true },
        { tag: "ok", val: false },
    ]);
    assert.equal(found[2].tag, "err");
});

test("a source's records refer to topics and partitions that are listed once", () => {
    class Task extends sdk.SourceTask {
        poll() {
            const at = (n) => ({ topic: "t", value: n, sourcePartition: { file: "a" }, sourceOffset: { n } });
            return { records: [at(1), at(2), { topic: "u", value: null, sourcePartition: { file: "b" } }], waitMs: 5 };
        }
    }
    class Some extends sdk.SourceConnector {
        static CLASS = new sdk.PluginClass("s", "1");
        static TASK = Task;
    }
    const exported = sourceTask([Some]);
    exported.start("s", settings);
    const batch = exported.poll(10, 10, 10);
    assert.deepEqual(batch.topics, ["t", "u"]);
    assert.deepEqual(
        batch.sourcePartitions.map((one) => one.offsetFields),
        [["n"], []],
    );
    assert.deepEqual(
        batch.records.map((one) => [one.message.topic, one.sourcePartition, one.checkpoint.tag]),
        [
            [0, 0, "at"],
            [0, 0, "at"],
            [1, 1, "keep"],
        ],
    );
    assert.equal(batch.waitMs, 5);
});

test("a source's mistakes are failures, never traps", () => {
    const wrong = [
        [{ topic: "t", value: 2n ** 53n + 1n }, /^value: 9007199254740993 is beyond 2\^53/],
        [{ topic: "t", value: 1, sourceOffset: { n: 2 ** 54 } }, /^source offset\.n: .*beyond 2\^53/],
        [{ topic: "t", value: 1, timestamp: 1.5 }, /^timestamp: /],
        [{ topic: "t", value: 1, partition: 2 ** 31 }, /^partition: /],
        [{ topic: "\udfff", value: 1 }, /^topic: .*surrogate/],
        [{ topic: undefined, value: 1 }, /^topic: /],
        [{ topic: "t", value: 1, vlaue: 1 }, /a record has no vlaue/],
    ];
    for (const [record, message] of wrong) {
        class Task extends sdk.SourceTask {
            poll() {
                return { records: [{ sourcePartition: {}, ...record }] };
            }
        }
        class Some extends sdk.SourceConnector {
            static CLASS = new sdk.PluginClass("s", "1");
            static TASK = Task;
        }
        const exported = sourceTask([Some]);
        exported.start("s", settings);
        assert.match(thrown(() => exported.poll(10, 10, 10)).message, message);
    }
});

test("a sink's report says what it took and what it never will", () => {
    class Task extends sdk.SinkTask {
        put(records) {
            assert.deepEqual(
                [records[0].origin, records[0].offset, records[0].value],
                [{ topic: "o", partition: 1 }, 9, "x"],
            );
            return { taken: 1, rejected: [{ record: records[0], cause: sdk.Failure.data("never") }], callWithinMs: 10 };
        }
    }
    class Some extends sdk.SinkConnector {
        static CLASS = new sdk.PluginClass("k", "1", { aliases: ["short"] });
        static TASK = Task;
    }
    const exported = sinkTask([Some]);
    exported.start("short", settings);
    const record = {
        message: message(9, { tag: "text", val: "x" }),
        timestampType: "create-time",
        origin: 0,
        offset: 9,
    };
    const report = exported.put({ topics: ["t"], origins: [{ topic: "o", partition: 1 }], records: [record] });
    assert.deepEqual([report.taken, report.held, report.callWithinMs], [1, null, 10]);
    assert.deepEqual([report.rejected[0].offset, report.rejected[0].cause.message], [9, "never"]);
    assert.deepEqual(exported.preCommit([{ offset: 10 }]), { offsets: [{ offset: 10 }], rejected: [] });
});

test("whatever is thrown becomes the contract's failure", () => {
    const stops = (error) => thrown(() => configured(error));
    const plain = stops(new RangeError("too far"));
    assert.deepEqual([plain.code, plain.message, plain.retriable], ["RangeError", "RangeError: too far", false]);
    const again = stops(sdk.Failure.unavailable("later", 20));
    assert.deepEqual([again.code, again.retriable, again.retryAfterMs], ["unavailable", true, 20]);
    assert.equal(stops("text").message, "text");
    const inner = { code: "timeout", message: "m", trace: null, retriable: true, retryAfterMs: null };
    assert.deepEqual(stops(Object.assign(new Error("e"), { payload: inner })), inner);
});

/** Out of a transform's `configure`. */
function configured(error) {
    class Some extends sdk.Transformation {
        static CLASS = new sdk.PluginClass("t", "1");
        configure() {
            throw error;
        }
    }
    transformation([Some]).configure("t", []);
}

test("a class that is not there is named", () => {
    assert.match(thrown(() => transformation([]).configure("nix", [])).message, /no transformation nix/);
});
