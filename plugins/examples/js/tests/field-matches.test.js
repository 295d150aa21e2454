import assert from "node:assert/strict";
import { test } from "node:test";

import { Config, Record } from "watertight-sdk";
import { FieldMatches } from "../field-matches.js";

const SETTINGS = { field: "name", pattern: "a+" };

test("the whole text has to match", () => {
    const predicate = new FieldMatches();
    predicate.configure(new Config(SETTINGS));
    const tested = [{ name: "aa" }, { name: "ab" }, { name: 1 }, {}, null, "aa"];
    const found = tested.map((value) => predicate.test(Record.of({ topic: "t", value })));
    assert.deepEqual(found, [true, false, false, false, false, false]);
});

test("a pattern that is none is reported with its key", () => {
    const [report] = new FieldMatches().validate(new Config({ ...SETTINGS, pattern: "(" }));
    assert.equal(report.name, "pattern");
    assert.match(report.errors[0], /^Invalid value \( for configuration pattern: /);
    assert.deepEqual(new FieldMatches().validate(new Config(SETTINGS)), []);
});
