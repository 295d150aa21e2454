/** A transform that sets a field of the value to a text made of its other fields. */

import { ConfigKey, derived, Failure, PluginClass, Schema, Transformation } from "watertight-sdk";

export const FIELD = new ConfigKey("field", {
    documentation: "The field to set.",
    importance: "HIGH",
    attributes: [["non-empty", ""]],
});
export const TEMPLATE = new ConfigKey("template", {
    documentation: "Its text, in which {name} stands for the field of that name: {first} {last}.",
    importance: "HIGH",
});

const PLACE = /\{([^{}]+)\}/g;

/** Sets `field`; values with a schema get a schema with that field. */
export class Template extends Transformation {
    static CLASS = new PluginClass("watertight.examples.JavaScriptTemplate", "0.1.0", {
        documentation: "Sets a field of the value to a text made of its other fields. Written in JavaScript.",
        config: [FIELD, TEMPLATE],
        aliases: ["JavaScriptTemplate"],
    });

    configure(config) {
        this.field = config.text(FIELD);
        this.template = config.text(TEMPLATE);
        this.schema = derived((schema) => schema.withField(this.field, Schema.string()));
    }

    /** A tombstone stays one. */
    apply(record) {
        const { value, valueSchema } = record;
        if (value === null) {
            return record;
        }
        if (typeof value !== "object" || (valueSchema !== null && valueSchema.type !== "STRUCT")) {
            throw Failure.data("the value has no fields: it is neither a struct nor a map with names");
        }
        const text = this.template.replace(PLACE, (_, name) => String(found(value, name)));
        return record.with({
            value: { ...value, [this.field]: text },
            valueSchema: valueSchema === null ? null : this.schema(valueSchema),
        });
    }
}

function found(value, name) {
    if (!Object.hasOwn(value, name)) {
        throw Failure.data(`the value has no field ${name}, only ${Object.keys(value).join(", ")}`);
    }
    return value[name];
}
