/** The custom section `watertight:plugin`: a worker that finds it lists a plugin without compiling or running it. */

import { CONTRACT, describe } from "./catalogue.js";

export const SECTION = "watertight:plugin";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const CUSTOM = 0;

/** What the section holds. @param {Iterable<import("./catalogue.js").Described>} classes */
export function text(classes) {
    return JSON.stringify({ contract: CONTRACT, classes: describe(classes) });
}

/** A custom section: id 0, size, name, data. @param {Uint8Array} data @param {string} name */
export function section(data, name = SECTION) {
    const label = Buffer.from(name);
    const body = Buffer.concat([leb128(label.length), label, data]);
    return Buffer.concat([Buffer.from([CUSTOM]), leb128(body.length), body]);
}

/**
 * The component with this section at its own level, replacing one that is already there.
 * @param {Uint8Array} component @param {string} metadata
 */
export function withSection(component, metadata) {
    if (HEADER.some((byte, at) => component[at] !== byte)) {
        throw new Error("not a WebAssembly component");
    }
    const kept = [component.subarray(0, HEADER.length)];
    for (let at = HEADER.length; at < component.length;) {
        const [size, body] = readLeb128(component, at + 1);
        const end = body + size;
        if (end > component.length) {
            throw new Error("the component is truncated");
        }
        if (!(component[at] === CUSTOM && nameOf(component, body) === SECTION)) {
            kept.push(component.subarray(at, end));
        }
        at = end;
    }
    return Buffer.concat([...kept, section(Buffer.from(metadata))]);
}

/** @param {Uint8Array} component @param {number} at */
function nameOf(component, at) {
    const [size, start] = readLeb128(component, at);
    return Buffer.from(component.subarray(start, start + size)).toString();
}

/** @param {number} number */
function leb128(number) {
    const out = [];
    for (; number > 0x7f; number >>>= 7) {
        out.push((number & 0x7f) | 0x80);
    }
    return Buffer.from([...out, number]);
}

/** The number and where it ends. @param {Uint8Array} data @param {number} at @returns {[number, number]} */
function readLeb128(data, at) {
    for (let number = 0, factor = 1; at < data.length; factor *= 128) {
        const byte = data[at];
        at += 1;
        number += (byte & 0x7f) * factor;
        if (byte < 0x80) {
            return [number, at];
        }
    }
    throw new Error("the component is truncated");
}
