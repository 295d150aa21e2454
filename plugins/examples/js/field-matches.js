/** A predicate: is a field of the value a text like this? */

import { ConfigKey, Failure, PluginClass, Predicate } from "watertight-sdk";

export const FIELD = new ConfigKey("field", { documentation: "The field to look at.", importance: "HIGH" });
export const PATTERN = new ConfigKey("pattern", {
    documentation: "A regular expression of JavaScript that the whole text has to match.",
    importance: "HIGH",
});

/** False for values without the field. */
export class FieldMatches extends Predicate {
    static CLASS = new PluginClass("watertight.examples.JavaScriptFieldMatches", "0.1.0", {
        documentation: "Is true for records in whose value a field matches a pattern. Written in JavaScript.",
        config: [FIELD, PATTERN],
        aliases: ["JavaScriptFieldMatches"],
    });

    validate(config) {
        try {
            pattern(config);
        } catch (error) {
            return [{ name: PATTERN.name, errors: [error.message] }];
        }
        return [];
    }

    configure(config) {
        this.field = config.text(FIELD);
        this.pattern = pattern(config);
    }

    test(record) {
        const found = record.value?.[this.field];
        return typeof found === "string" && this.pattern.test(found);
    }
}

function pattern(config) {
    const text = config.text(PATTERN);
    try {
        return new RegExp(`^(?:${text})$`, "u");
    } catch (error) {
        throw Failure.config(`Invalid value ${text} for configuration ${PATTERN.name}: ${error.message}`, error);
    }
}
