/** A sink that writes each record to the worker's log, as a line of JSON. */

import { ConfigKey, log, PluginClass, SinkConnector, SinkTask } from "watertight-sdk";

const LEVELS = ["error", "warn", "info", "debug"];

export const LEVEL = new ConfigKey("level", {
    documentation: `Level of the lines: ${LEVELS.join(", ")}.`,
    default: "info",
    attributes: LEVELS.map((level) => ["one-of", level]),
});

/** A record as JSON; bytes become lists of numbers, maps become objects. */
export function line(record) {
    const { topic, partition } = record.origin;
    const { offset, timestamp, key, value } = record;
    const headers = Object.fromEntries(record.headers.map((header) => [header.name, header.value]));
    return JSON.stringify({ topic, partition, offset, timestamp, key, value, headers }, shown);
}

function shown(_name, value) {
    if (value instanceof Map) {
        return Object.fromEntries(value);
    }
    return value instanceof Uint8Array ? [...value] : value;
}

/** Has nothing to flush: what was logged is logged. */
export class LogLinesTask extends SinkTask {
    start(config) {
        this.level = config.text(LEVEL);
    }

    put(records) {
        for (const record of records) {
            log[this.level](line(record));
        }
    }
}

export class LogLines extends SinkConnector {
    static CLASS = new PluginClass("watertight.examples.JavaScriptLogSinkConnector", "0.1.0", {
        documentation: "Writes records to the worker's log, one JSON object a line. Written in JavaScript.",
        config: [LEVEL],
        aliases: ["JavaScriptLogSink"],
    });
    static TASK = LogLinesTask;
}
