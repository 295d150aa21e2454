import assert from "node:assert/strict";
import { test } from "node:test";

import { entry, world } from "../src/build.js";
import { ConfigKey, Kind, PluginClass, SourceConnector } from "../src/index.js";
import { section, text, withSection } from "../src/metadata.js";

const HEADER = Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);

class Ticks extends SourceConnector {
    static CLASS = new PluginClass("com.example.TickSource", "1", {
        config: [new ConfigKey("topic"), new ConfigKey("n", { kind: Kind.INT, default: "1" })],
    });
}

test("the text has the names of the contract", () => {
    const said = JSON.parse(text([Ticks]));
    assert.equal(said.contract, "0.2.0");
    const [one] = said.classes;
    assert.deepEqual([one.name, one.role, one["task-class"]], ["com.example.TickSource", "source", null]);
    const [topic, number] = one.config;
    assert.deepEqual([topic.required, topic["default-value"], topic["order-in-group"]], [true, null, null]);
    assert.deepEqual([number.required, number["default-value"], number.kind], [false, "1", "INT"]);
});

test("a section is id, size, name and data", () => {
    assert.deepEqual([...section(Buffer.from("xy"), "n")], [0, 4, 1, 0x6e, 0x78, 0x79]);
});

test("a size over 127 takes two bytes", () => {
    assert.deepEqual([...section(Buffer.alloc(198), "n").subarray(0, 3)], [0, 0xc8, 1]);
});

test("a section replaces an older one and leaves others", () => {
    const other = section(Buffer.from("kept"), "name");
    const once = withSection(Buffer.concat([HEADER, other]), "old");
    assert.deepEqual(withSection(once, "new"), Buffer.concat([HEADER, other, section(Buffer.from("new"))]));
});

test("what is no component is refused", () => {
    const module = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const short = Buffer.concat([HEADER, Buffer.from([0, 0x20, 0x61])]);
    for (const wrong of [Buffer.alloc(0), module, short]) {
        assert.throws(() => withSection(wrong, "x"), Error);
    }
});

test("a component exports the interfaces of its roles and no others", () => {
    assert.match(world(["sink", "predicate"]), /include watertight:connect\/sink@0\.2\.0;\n.*predicates@0\.2\.0;\n}/);
    const made = entry("plugin.js", ["sink"]);
    assert.match(made, /export const sinkTask = sinkTaskOf\(CLASSES\);/);
    assert.doesNotMatch(made, /source/);
});
