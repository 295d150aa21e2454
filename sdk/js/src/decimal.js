/** Connect's Decimal: an integer of any size and a scale, `unscaled * 10^-scale`. Exact, unlike a number. */

import { Failure } from "./failure.js";

/** Java's BigDecimal, as far as records need it. */
export class Decimal {
    /** @param {bigint} unscaled @param {number} scale */
    constructor(unscaled, scale) {
        if (typeof unscaled !== "bigint" || !Number.isInteger(scale)) {
            throw new TypeError("a Decimal is made of a BigInt and the number of its decimal places");
        }
        this.unscaled = unscaled;
        this.scale = scale;
        Object.freeze(this);
    }

    /** `-12.50` has the scale 2. @param {string} text */
    static parse(text) {
        const found = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
        if (!found) {
            throw Failure.data(`${text} is no decimal number`);
        }
        const [, sign, whole, places = ""] = found;
        const size = BigInt(whole + places);
        return new Decimal(sign === "-" ? -size : size, places.length);
    }

    /** The same number with another scale; a failure if digits would be lost. @param {number} scale */
    rescale(scale) {
        const more = scale - this.scale;
        if (more >= 0) {
            return new Decimal(this.unscaled * 10n ** BigInt(more), scale);
        }
        const by = 10n ** BigInt(-more);
        if (this.unscaled % by !== 0n) {
            throw Failure.data(`${this} cannot have ${scale} decimal places without being rounded`);
        }
        return new Decimal(this.unscaled / by, scale);
    }

    /** All digits, without an exponent. */
    toString() {
        const sign = this.unscaled < 0n ? "-" : "";
        const digits = String(this.unscaled < 0n ? -this.unscaled : this.unscaled);
        if (this.scale <= 0) {
            return this.unscaled === 0n ? "0" : sign + digits + "0".repeat(-this.scale);
        }
        const padded = digits.padStart(this.scale + 1, "0");
        return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`;
    }

    /** The nearest number. */
    toNumber() {
        return Number(this.toString());
    }

    /** JSON has no decimals that every reader keeps exact: text. */
    toJSON() {
        return this.toString();
    }

    /** The unscaled integer as Java's BigInteger writes it: two's complement, big-endian, shortest. */
    toBytes() {
        let bits = 8;
        while (BigInt.asIntN(bits, this.unscaled) !== this.unscaled) {
            bits += 8;
        }
        const bytes = new Uint8Array(bits / 8);
        let rest = BigInt.asUintN(bits, this.unscaled);
        for (let at = bytes.length - 1; at >= 0; at -= 1) {
            bytes[at] = Number(rest & 0xffn);
            rest >>= 8n;
        }
        return bytes;
    }

    /** @param {Uint8Array} bytes @param {number} scale */
    static fromBytes(bytes, scale) {
        let unsigned = 0n;
        for (const byte of bytes) {
            unsigned = (unsigned << 8n) | BigInt(byte);
        }
        return new Decimal(BigInt.asIntN(8 * bytes.length, unsigned), scale);
    }
}
