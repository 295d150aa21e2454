/** A plugin's settings, with defaults and Kafka's words for what is wrong with them. */

import { Failure } from "./failure.js";

/** @typedef {import("./catalogue.js").ConfigKey} ConfigKey */

/** The settings as they were written. Look keys up by name, or by declaration for defaults and types. */
export class Config {
    /** @type {Map<string, string>} */
    #settings;

    /**
     * Values of `secrets` are references, never the plain text.
     * @param {Record<string, string> | Map<string, string> | Iterable<[string, string]>} [settings]
     * @param {Iterable<string>} [secrets]
     */
    constructor(settings = {}, secrets = []) {
        const pairs = Symbol.iterator in settings ? settings : Object.entries(settings);
        this.#settings = new Map(/** @type {Iterable<[string, string]>} */ (pairs));
        this.secrets = new Set(secrets);
    }

    /** As written, without defaults. @param {string} name @returns {string | undefined} */
    get(name) {
        return this.#settings.get(name);
    }

    /** @param {string} name */
    has(name) {
        return this.#settings.has(name);
    }

    /** Names and values in their order. */
    [Symbol.iterator]() {
        return this.#settings[Symbol.iterator]();
    }

    /**
     * The same with one setting replaced or added: how a connector tells its tasks apart.
     * @param {string} name @param {string} value
     */
    withValue(name, value) {
        return new Config(
            [...this, [name, value]],
            [...this.secrets].filter((secret) => secret !== name),
        );
    }

    /** Text, or the key's default, or null. @param {ConfigKey} key @returns {string | null} */
    optional(key) {
        return this.#settings.get(key.name) ?? key.default;
    }

    /** Text; a failure if there is neither value nor default. @param {ConfigKey} key @returns {string} */
    text(key) {
        const value = this.optional(key);
        if (value === null) {
            throw Failure.config(`Missing required configuration "${key.name}" which has no default value.`);
        }
        return value;
    }

    /** INT, SHORT or LONG. @param {ConfigKey} key @returns {number} */
    integer(key) {
        const text = this.text(key).trim();
        if (!/^[+-]?\d+$/.test(text)) {
            throw invalid(key, text, `Not a number of type ${key.kind}`);
        }
        const value = Number(text);
        if (!Number.isSafeInteger(value)) {
            throw invalid(key, text, "JavaScript holds integers to 2^53 only; read it with text() as a BigInt");
        }
        return value;
    }

    /** DOUBLE. @param {ConfigKey} key @returns {number} */
    number(key) {
        const text = this.text(key).trim();
        const value = text === "" ? NaN : Number(text);
        if (Number.isNaN(value) && text !== "NaN") {
            throw invalid(key, text, `Not a number of type ${key.kind}`);
        }
        return value;
    }

    /** `true` or `false`, in any case. @param {ConfigKey} key @returns {boolean} */
    boolean(key) {
        const text = this.text(key).trim().toLowerCase();
        if (text !== "true" && text !== "false") {
            throw invalid(key, text, "Expected value to be either true or false");
        }
        return text === "true";
    }

    /** LIST: what stands between the commas. @param {ConfigKey} key @returns {string[]} */
    itemsOf(key) {
        const text = (this.optional(key) ?? "").trim();
        return text === "" ? [] : text.split(",").map((item) => item.trim());
    }
}

/** @param {ConfigKey} key @param {string} value @param {string} why */
function invalid(key, value, why) {
    return Failure.config(`Invalid value ${value} for configuration ${key.name}: ${why}`);
}
