import assert from "node:assert/strict";
import { test } from "node:test";

import { Decimal } from "../src/index.js";

test("its text has all digits and no exponent", () => {
    for (const text of ["0", "-1", "12.50", "-0.001", "123456789012345678901234567890.12"]) {
        assert.equal(String(Decimal.parse(text)), text);
    }
    assert.equal(String(new Decimal(12n, -3)), "12000");
    assert.throws(() => Decimal.parse("1e5"), /no decimal number/);
});

test("its bytes are those of Java's BigInteger", () => {
    const known = [
        [0n, [0]],
        [127n, [0x7f]],
        [128n, [0x00, 0x80]],
        [-1n, [0xff]],
        [-128n, [0x80]],
        [-129n, [0xff, 0x7f]],
        [2n ** 64n, [1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ];
    for (const [unscaled, bytes] of known) {
        assert.deepEqual([...new Decimal(unscaled, 2).toBytes()], bytes);
        assert.deepEqual(Decimal.fromBytes(Uint8Array.from(bytes), 2), new Decimal(unscaled, 2));
    }
});

test("another scale never costs digits", () => {
    assert.equal(String(Decimal.parse("1.50").rescale(1)), "1.5");
    assert.equal(String(Decimal.parse("1.5").rescale(3)), "1.500");
    assert.throws(() => Decimal.parse("1.55").rescale(1), /rounded/);
});
