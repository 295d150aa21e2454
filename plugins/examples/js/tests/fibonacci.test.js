import assert from "node:assert/strict";
import { test } from "node:test";

import { Config } from "watertight-sdk";
import { FakeWorker } from "watertight-sdk/testing";
import { FibonacciTask } from "../fibonacci.js";

function started(settings) {
    const task = new FibonacciTask();
    task.start(new Config({ topic: "numbers", "interval.ms": "0", ...settings }));
    return task;
}

function values(batch) {
    return (batch.records ?? []).map((record) => record.value);
}

test("it sends as many numbers as it is told, and then waits", () => {
    const worker = new FakeWorker();
    const task = started({ count: "7" });
    assert.deepEqual(values(worker.poll(task)), [0n, 1n, 1n, 2n, 3n, 5n, 8n]);
    const end = worker.poll(task);
    assert.deepEqual(values(end), []);
    assert.ok(end.waitMs > 0);
});

test("it goes on after the stored offset", () => {
    const worker = new FakeWorker();
    worker.poll(started({ count: "5" }));
    assert.deepEqual(values(worker.poll(started({ count: "7" }))), [5n, 8n]);
});

test("it sends one record an interval, and no more than the worker takes", () => {
    const worker = new FakeWorker();
    const slow = worker.poll(started({ "interval.ms": "250" }));
    assert.deepEqual([values(slow).length, slow.waitMs], [1, 250]);
    assert.equal(values(worker.poll(started(), { maxRecords: 3, maxBytes: 1000, maxMs: 1000 })).length, 3);
});

test("its numbers are exact, also the 79th and the 80th", () => {
    const numbers = values(new FakeWorker().poll(started({ count: "80" })));
    assert.deepEqual(numbers.slice(-2), [8944394323791464n, 14472334024676221n]);
});

test("a missing topic is named", () => {
    assert.throws(() => new FibonacciTask().start(new Config({})), /"topic"/);
});
