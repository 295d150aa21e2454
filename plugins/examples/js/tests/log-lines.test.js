import assert from "node:assert/strict";
import { test } from "node:test";

import { Config, SinkRecord } from "watertight-sdk";
import { FakeWorker } from "watertight-sdk/testing";
import { line, LogLinesTask } from "../log-lines.js";

test("a line says where the record came from and what it holds", () => {
    const value = { map: new Map([["a", 1]]), bytes: new Uint8Array([1, 255]) };
    const record = SinkRecord.at(
        { topic: "t", partition: 2, value, headers: [{ name: "h", value: "x" }], timestamp: 5 },
        7,
    );
    assert.equal(
        line(record),
        '{"topic":"t","partition":2,"offset":7,"timestamp":5,"key":null,' +
            '"value":{"map":{"a":1},"bytes":[1,255]},"headers":{"h":"x"}}',
    );
});

test("each record is a line of its level", () => {
    const worker = new FakeWorker();
    const task = new LogLinesTask();
    task.start(new Config({ level: "warn" }));
    task.put([SinkRecord.at({ topic: "t", value: "two\nlines" }, 1), SinkRecord.at({ topic: "t", value: null }, 2)]);
    assert.equal(worker.logged.length, 2);
    assert.ok(
        worker.logged.every((said) => /^warn \{[^\n]*\}$/.test(said)),
        worker.logged.join("|"),
    );
});
