// SPDX-License-Identifier: Apache-2.0
/**
 * AES-GCM and SHA-2 of the core (native/src/aes.c, gcm.c, sha2.c) against OpenSSL's, which Node has, at all
 * lengths around blocks and in pieces; published vectors; and what must not be decrypted.
 */
import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { before, describe, it } from "mocha";
import { compileProbe } from "./support/probe.ts";

interface Functions {
    memory: WebAssembly.Memory;
    probe_bytes(): number;
    probe_hash(bits: number, length: number, piece: number): number;
    probe_gcm(decrypt: number, bits: number, also: number, length: number): number;
}

/** Offsets in the C file's struct. */
const [IV, TAG, DATA] = [32, 44, 64];

const AUTH_FAILED = -0x12;

describe("AES-GCM and SHA-2", function () {
    this.timeout(60_000);
    let c: Functions;

    before(async () => {
        const files = ["test/native/symmetric.c", ...["aes", "gcm", "sha2"].map((name) => `native/src/${name}.c`)];
        const exported = ["bytes", "hash", "gcm"].map((name) => `probe_${name}`);
        c = (await compileProbe(files, ["constant_time.c", "platform_util.c"], exported)) as unknown as Functions;
    });

    const put = (offset: number, data: Uint8Array): void => new Uint8Array(c.memory.buffer).set(data, c.probe_bytes() + offset);
    const get = (offset: number, length: number): string =>
        Buffer.from(c.memory.buffer, c.probe_bytes() + offset, length).toString("hex");

    const hash = (bits: number, data: Uint8Array, piece: number): string => {
        put(DATA, data);
        assert.equal(c.probe_hash(bits, data.length, piece), 0);
        return get(0, bits / 8);
    };

    /** Encrypts or decrypts in place; returns the code. */
    const gcm = (decrypt: boolean, key: Uint8Array, iv: Uint8Array, also: Uint8Array, data: Uint8Array): number => {
        put(0, key);
        put(IV, iv);
        put(DATA, also);
        put(DATA + also.length, data);
        return c.probe_gcm(Number(decrypt), key.length * 8, also.length, data.length);
    };

    it("SHA-256, SHA-384 and SHA-512 at every length up to 300, at once and in pieces", () => {
        for (const bits of [256, 384, 512]) {
            for (let length = 0; length <= 300; length += 1) {
                const data = randomBytes(length);
                const expected = createHash(`sha${bits}`).update(data).digest("hex");
                for (const piece of [0, 1, 7, 64, 129]) assert.equal(hash(bits, data, piece), expected, `${bits}, ${length}, ${piece}`);
            }
            const data = randomBytes(8000);
            assert.equal(hash(bits, data, 1000), createHash(`sha${bits}`).update(data).digest("hex"));
        }
    });

    it("AES-GCM's test cases 4 and 16 of its authors (McGrew and Viega)", () => {
        const text = Buffer.from(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39", "hex");
        const also = Buffer.from("feedfacedeadbeeffeedfacedeadbeefabaddad2", "hex");
        const iv = Buffer.from("cafebabefacedbaddecaf888", "hex");
        const key = Buffer.from("feffe9928665731c6d6a8f9467308308", "hex");
        assert.equal(gcm(false, key, iv, also, text), 0);
        assert.equal(get(TAG, 16), "5bc94fbc3221a5db94fae95ae7121a47");
        assert.equal(gcm(false, Buffer.concat([key, key]), iv, also, text), 0);
        assert.equal(get(TAG, 16), "76fc6ece0f4e1768cddf8853bb2d551b");
    });

    for (const bits of [128, 256]) {
        it(`AES-${bits}-GCM at all lengths up to 70, there and back; nothing is decrypted that was changed`, () => {
            for (let length = 0; length <= 70; length += 1) {
                const [key, iv] = [randomBytes(bits / 8), randomBytes(12)];
                const [also, text] = [randomBytes((length * 7) % 40), randomBytes(length)];
                const cipher = createCipheriv(`aes-${bits as 128 | 256}-gcm`, key, iv).setAAD(also);
                const expected = Buffer.concat([cipher.update(text), cipher.final()]);
                assert.equal(gcm(false, key, iv, also, text), 0);
                assert.equal(get(DATA + also.length, length), expected.toString("hex"));
                assert.equal(get(TAG, 16), cipher.getAuthTag().toString("hex"));
                assert.equal(gcm(true, key, iv, also, expected), 0);
                assert.equal(get(DATA + also.length, length), text.toString("hex"));

                const changed = cipher.getAuthTag();
                changed[length % 16] = (changed[length % 16] ?? 0) ^ (1 << length % 8);
                put(TAG, changed);
                assert.equal(gcm(true, key, iv, also, expected), AUTH_FAILED);
                assert.equal(get(DATA + also.length, length), expected.toString("hex"), "left as it was");
            }
        });
    }

    it("refuses keys of other lengths", () => {
        assert.notEqual(c.probe_gcm(0, 192, 0, 16), 0);
        assert.notEqual(c.probe_gcm(0, 0, 0, 16), 0);
    });
});
