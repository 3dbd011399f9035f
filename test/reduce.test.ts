// SPDX-License-Identifier: Apache-2.0
/**
 * Reduction and inverses of profile `small` (native/src/reduce.c) against BigInt: the edges at which carries
 * go far, and random numbers.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "mocha";
import { compileProbe } from "./support/probe.ts";

/** The primes, and the curves' orders: SEC 2, sections 2.4.2 and 2.5.1. */
const PRIMES: Record<number, bigint> = {
    256: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    384: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
};
const ORDERS: Record<number, bigint> = {
    256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

const RANDOM = 3000;

interface Functions {
    memory: WebAssembly.Memory;
    probe_number(): number;
    probe_modulus(): number;
    probe_reduce(bits: number): number;
    probe_inverse(limbs: number): number;
}

describe("arithmetic of profile small", function () {
    this.timeout(120_000);
    let c: Functions;

    before(async () => {
        const functions = ["number", "modulus", "reduce", "inverse"].map((name) => `probe_${name}`);
        const theirs = ["bignum.c", "bignum_core.c", "constant_time.c", "platform.c", "platform_util.c"];
        c = (await compileProbe(["test/native/reduce.c"], theirs, functions, ["-DETLS_PROFILE_SMALL"])) as unknown as Functions;
    });

    const put = (address: number, value: bigint, limbs: number): void => {
        const words = new Uint32Array(c.memory.buffer, address, limbs);
        words.forEach((_, at) => (words[at] = Number((value >> BigInt(32 * at)) & 0xffffffffn)));
    };
    const get = (address: number, limbs: number): bigint =>
        [...new Uint32Array(c.memory.buffer, address, limbs)].reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
    const random = (bits: number): bigint => BigInt(`0x${randomBytes(bits / 8).toString("hex")}`);

    function check(bits: number, x: bigint): void {
        const p = PRIMES[bits] as bigint;
        put(c.probe_number(), x, bits / 16);
        assert.equal(c.probe_reduce(bits), 0, `an error for ${x.toString(16)}`);
        const reduced = get(c.probe_number(), bits / 16);
        assert.ok(reduced < 2n * p && reduced < 2n ** BigInt(bits), `${x.toString(16)} becomes ${reduced.toString(16)}`);
        assert.equal(reduced % p, x % p, x.toString(16));
    }

    for (const bits of [256, 384]) {
        const p = PRIMES[bits] as bigint;
        const whole = BigInt(bits);

        it(`P-${bits}: multiples of the prime and their neighbours, and single limbs of ones`, () => {
            for (const factor of [0n, 1n, 2n, 3n, p / 2n, p - 2n, p - 1n, p]) {
                for (const aside of [-2n, -1n, 0n, 1n, 2n]) {
                    const x = factor * p + aside;
                    if (x >= 0n && x <= p * p) check(bits, x);
                }
            }
            for (let at = 0n; at < 2n * whole; at += 32n) {
                for (const ones of [0xffffffffn, 1n, 0x80000000n]) if (ones << at <= p * p) check(bits, ones << at);
                check(bits, ((1n << (2n * whole)) - 1n - (0xffffffffn << at)) % (p * p));
            }
        });

        it(`P-${bits}: ${RANDOM} random numbers, and as many whose limbs are all ones or zeros`, () => {
            for (let i = 0; i < RANDOM; i += 1) {
                check(bits, random(2 * bits) % (p * p));
                let limbs = 0n;
                for (const byte of randomBytes(bits / 16)) limbs = (limbs << 32n) | (byte & 1 ? 0xffffffffn : 0n);
                check(bits, limbs % (p * p));
            }
        });

        it(`P-${bits}: inverses modulo the prime and the order; 0 has none`, () => {
            for (const modulus of [p, ORDERS[bits] as bigint]) {
                put(c.probe_modulus(), modulus, bits / 32);
                for (const x of [1n, 2n, modulus - 1n, ...Array.from({ length: 20 }, () => (random(bits) % (modulus - 1n)) + 1n)]) {
                    put(c.probe_number(), x, bits / 32);
                    assert.equal(c.probe_inverse(bits / 32), 0);
                    assert.equal((get(c.probe_number(), bits / 32) * x) % modulus, 1n, x.toString(16));
                }
                put(c.probe_number(), 0n, bits / 32);
                assert.notEqual(c.probe_inverse(bits / 32), 0);
            }
        });
    }
});
