/**
 * What a plugin says of its classes.
 *
 * One declaration is both the answer of `describe` and the text of the metadata section, so they cannot differ; a
 * worker withdraws a class for which they do.
 */

import { withDefaults } from "./options.js";

/** Version of the contract that this package speaks. */
export const CONTRACT = "0.2.0";

/**
 * What every class of this package declares: JavaScript's numbers hold integers up to 2^53, and the worker fails a
 * record that holds a larger one rather than let it be rounded.
 */
export const EXACT = "exact-to-2^53";

/** Kafka's configuration types. */
export const Kind = Object.freeze({
    BOOLEAN: "BOOLEAN",
    STRING: "STRING",
    INT: "INT",
    SHORT: "SHORT",
    LONG: "LONG",
    DOUBLE: "DOUBLE",
    LIST: "LIST",
    CLASS: "CLASS",
    PASSWORD: "PASSWORD",
});

/** What a class is to the worker. */
export const Role = Object.freeze({
    SOURCE: "source",
    SINK: "sink",
    TRANSFORMATION: "transformation",
    PREDICATE: "predicate",
});

/** @typedef {(typeof Kind)[keyof typeof Kind]} KindName */
/** @typedef {(typeof Role)[keyof typeof Role]} RoleName */

/** One setting. Required, unless it is `optional` (null when absent) or has a `default`. */
export class ConfigKey {
    /**
     * `attributes` are checks that the worker makes by itself: `["min", "1"]`, `["max", ..]`, `["one-of", ..]`
     * repeated, `["one-of-ignoring-case", ..]`, `["non-empty", ""]`, `["pattern", ..]`, `["internal", ""]`.
     * @param {string} name
     * @param {{
     *   kind?: KindName, documentation?: string, default?: string | null, optional?: boolean,
     *   importance?: "HIGH" | "MEDIUM" | "LOW", group?: string | null, orderInGroup?: number | null,
     *   width?: "NONE" | "SHORT" | "MEDIUM" | "LONG", displayName?: string | null, dependents?: string[],
     *   attributes?: [string, string][],
     * }} [options]
     */
    constructor(name, options = {}) {
        const given = withDefaults(`the configuration key ${name}`, KEY, options);
        if (given.default !== null && typeof given.default !== "string") {
            throw new TypeError(`the default of the configuration key ${name} must be text, as in a properties file`);
        }
        this.name = name;
        this.kind = given.kind;
        this.documentation = given.documentation;
        this.default = given.default;
        this.optional = given.optional;
        this.importance = given.importance;
        this.group = given.group;
        this.orderInGroup = given.orderInGroup;
        this.width = given.width;
        this.displayName = given.displayName;
        this.dependents = given.dependents;
        this.attributes = given.attributes;
        Object.freeze(this);
    }

    /** Whether a configuration without it is wrong. */
    get required() {
        return this.default === null && !this.optional;
    }
}

const KEY = {
    kind: /** @type {KindName} */ ("STRING"),
    documentation: "",
    default: /** @type {string | null} */ (null),
    optional: false,
    importance: /** @type {"HIGH" | "MEDIUM" | "LOW"} */ ("MEDIUM"),
    group: /** @type {string | null} */ (null),
    orderInGroup: /** @type {number | null} */ (null),
    width: /** @type {"NONE" | "SHORT" | "MEDIUM" | "LONG"} */ ("NONE"),
    displayName: /** @type {string | null} */ (null),
    dependents: /** @type {string[]} */ ([]),
    attributes: /** @type {[string, string][]} */ ([]),
};

/** One class of a plugin. Its role is that of the base class it stands in. */
export class PluginClass {
    /**
     * @param {string} name
     * @param {string} version
     * @param {{
     *   documentation?: string, config?: ConfigKey[], aliases?: string[], taskClass?: string | null,
     *   features?: string[],
     * }} [options]
     */
    constructor(name, version, options = {}) {
        const given = withDefaults(`the class ${name}`, CLASS, options);
        if (given.features.includes("json")) {
            throw new TypeError(
                `the class ${name} cannot have the feature json: JSON.parse rounds integers beyond 2^53`,
            );
        }
        this.name = name;
        this.version = version;
        this.documentation = given.documentation;
        this.config = given.config;
        this.aliases = given.aliases;
        this.taskClass = given.taskClass;
        this.features = given.features.includes(EXACT) ? given.features : [EXACT, ...given.features];
        Object.freeze(this);
    }
}

const CLASS = {
    documentation: "",
    config: /** @type {ConfigKey[]} */ ([]),
    aliases: /** @type {string[]} */ ([]),
    taskClass: /** @type {string | null} */ (null),
    features: /** @type {string[]} */ ([]),
};

/**
 * A class of a plugin: what it says of itself, and its role by its base class.
 * @typedef {{CLASS: PluginClass, ROLE: RoleName}} Described
 */

/**
 * The classes with the contract's field names, as the metadata section holds them.
 * @param {Iterable<Described>} classes
 */
export function describe(classes) {
    return [...classes].map((described) => {
        const { CLASS: declared, ROLE: role } = described;
        if (!(declared instanceof PluginClass) || !Object.values(Role).includes(role)) {
            const name = /** @type {any} */ (described)?.name ?? String(described);
            throw new TypeError(
                `${name} needs a base class of watertight-sdk and a static CLASS = new PluginClass(...)`,
            );
        }
        return {
            name: declared.name,
            aliases: declared.aliases,
            role,
            version: declared.version,
            "task-class": declared.taskClass,
            documentation: declared.documentation,
            config: declared.config.map(describedKey),
            features: declared.features,
        };
    });
}

/** @param {ConfigKey} key */
function describedKey(key) {
    return {
        name: key.name,
        kind: key.kind,
        required: key.required,
        "default-value": key.default,
        importance: key.importance,
        documentation: key.documentation,
        group: key.group,
        "order-in-group": key.orderInGroup,
        width: key.width,
        "display-name": key.displayName,
        dependents: key.dependents,
        attributes: key.attributes,
    };
}
