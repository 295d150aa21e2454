/**
 * Write a connector, transform or predicate in JavaScript, run it in a sandbox.
 *
 * Nothing in this package needs WebAssembly except the folder `guest`, which only the component itself loads.
 * A plugin's own code is therefore ordinary JavaScript and is tested as such.
 */

export { CONTRACT, ConfigKey, describe, Kind, PluginClass, Role } from "./catalogue.js";
export { Config } from "./config.js";
export { Decimal } from "./decimal.js";
export { Failure } from "./failure.js";
export { Header, Record } from "./record.js";
export { derived, Logical, Schema, Type } from "./schema.js";
export { SinkConnector, SinkRecord, SinkTask } from "./sink.js";
export { SourceConnector, SourceTask } from "./source.js";
export { Predicate, Transformation } from "./transform.js";
export { Float, float } from "./values.js";
export { fact, log, stopping, stored } from "./worker.js";
