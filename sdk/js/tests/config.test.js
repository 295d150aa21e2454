import assert from "node:assert/strict";
import { test } from "node:test";

import { Config, ConfigKey, Kind, PluginClass, SourceConnector, describe } from "../src/index.js";

const N = new ConfigKey("n", { kind: Kind.INT, default: "5" });
const YES = new ConfigKey("yes", { kind: Kind.BOOLEAN, optional: true });

test("an absent value is the default", () => {
    assert.equal(new Config({}).integer(N), 5);
    assert.equal(new Config({}).optional(YES), null);
});

test("a wrong value is named in Kafka's words", () => {
    const message = "Invalid value many for configuration n: Not a number of type INT";
    assert.throws(() => new Config({ n: "many" }).integer(N), { message, code: "config" });
});

test("a missing value is named in Kafka's words", () => {
    const message = 'Missing required configuration "yes" which has no default value.';
    assert.throws(() => new Config({}).boolean(YES), { message });
});

test("a setting beyond 2^53 is refused rather than rounded", () => {
    assert.throws(() => new Config({ n: "9007199254740993" }).integer(N), /2\^53/);
});

test("a changed copy is no secret any more", () => {
    const config = new Config({ password: "ref" }, ["password"]);
    assert.deepEqual(config.withValue("password", "plain").secrets, new Set());
    assert.equal(config.get("password"), "ref");
});

test("a list is split and trimmed", () => {
    const names = new ConfigKey("names", { kind: Kind.LIST, optional: true });
    assert.deepEqual(new Config({ names: "a, b" }).itemsOf(names), ["a", "b"]);
    assert.deepEqual(new Config({ names: "" }).itemsOf(names), []);
});

test("a misspelt option of a declaration is an error", () => {
    assert.throws(() => new ConfigKey("n", /** @type {any} */ ({ defualt: "5" })), /no option defualt/);
});

test("every class says that it is exact to 2^53 only, and none can take JSON text", () => {
    class Some extends SourceConnector {
        static CLASS = new PluginClass("some", "1", { features: ["committed"] });
    }
    assert.deepEqual(describe([Some])[0].features, ["exact-to-2^53", "committed"]);
    assert.throws(() => new PluginClass("some", "1", { features: ["json"] }), /JSON\.parse/);
});
