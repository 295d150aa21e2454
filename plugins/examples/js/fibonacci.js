/** A source that sends the Fibonacci numbers: 0, 1, 1, 2, 3 and so on. */

import { ConfigKey, Kind, log, PluginClass, Schema, SourceConnector, SourceTask, stored } from "watertight-sdk";

export const TOPIC = new ConfigKey("topic", {
    documentation: "Where the numbers go.",
    importance: "HIGH",
    attributes: [["non-empty", ""]],
});
export const COUNT = new ConfigKey("count", {
    kind: Kind.LONG,
    documentation: "How many numbers to send. The 80th is beyond 2^53, where JavaScript's integers end.",
    default: "79",
    attributes: [["min", "0"]],
});
export const INTERVAL = new ConfigKey("interval.ms", {
    kind: Kind.LONG,
    documentation: "Milliseconds between two records; 0: as fast as the worker takes them.",
    default: "1000",
    attributes: [["min", "0"]],
});

const IDLE_MS = 60_000;
const PARTITION = { sequence: "fibonacci" };

/** Sends the next number. */
export class FibonacciTask extends SourceTask {
    /** Goes on where the stored offset says. */
    start(config) {
        this.topic = config.text(TOPIC);
        this.count = config.integer(COUNT);
        this.interval = config.integer(INTERVAL);
        this.sent = stored(PARTITION)?.sent ?? 0;
        // BigInts: sums of numbers would be rounded from the 80th on, without a word.
        [this.current, this.next] = [0n, 1n];
        for (let n = 0; n < this.sent; n += 1) {
            this.advance();
        }
        log.info(`${this.sent} numbers were sent already`);
    }

    /** One record an interval, or a whole batch. */
    poll(limits) {
        const wanted = Math.min(this.interval > 0 ? 1 : limits.maxRecords, this.count - this.sent);
        if (wanted <= 0) {
            return { waitMs: IDLE_MS };
        }
        return { records: Array.from({ length: wanted }, () => this.record()), waitMs: this.interval || null };
    }

    record() {
        const value = this.current;
        this.advance();
        this.sent += 1;
        const sourceOffset = { sent: this.sent };
        return { topic: this.topic, value, valueSchema: Schema.int64(), sourcePartition: PARTITION, sourceOffset };
    }

    advance() {
        [this.current, this.next] = [this.next, this.current + this.next];
    }
}

/** Has one task, for one number comes after the other. */
export class Fibonacci extends SourceConnector {
    static CLASS = new PluginClass("watertight.examples.JavaScriptFibonacciSourceConnector", "0.1.0", {
        documentation: "Sends the Fibonacci numbers, and goes on where it stopped. Written in JavaScript.",
        config: [TOPIC, COUNT, INTERVAL],
        aliases: ["JavaScriptFibonacciSource"],
    });
    static TASK = FibonacciTask;
}
