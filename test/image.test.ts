// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {
    ENTRY_ABI, ENTRY_OPEN, ENTRY_STAT, STAT_LEAST_ARENA, STAT_OVERHEAD,
} from "../modules/abi.gen.ts";
import {
    IMAGE_ABI_AT, IMAGE_ADDRESS_AT, IMAGE_CRC_AT, IMAGE_FORMAT_AT, IMAGE_RELOCATIONS_AT, IMAGE_SIZE_AT,
} from "../modules/image.gen.ts";
import type { TlsError } from "../modules/errors.ts";
import { ImageBinding } from "../native/emulated/binding.ts";
import { Rp2040 } from "../native/emulated/rp2040.ts";
import { readImage, relocateImage } from "../native/image/image.ts";
import { PORT } from "./support/abi.ts";
import { readImageFile } from "./support/host.ts";

const CHIPS = ["rp2040", "rp2350", "stm32f4"];
const PROFILES = ["small", "full"];
const SRAM = 0x20000000;

const codeOf = (call: () => unknown): string => {
    try {
        call();
    } catch (error) {
        return (error as TlsError).code;
    }
    return "no error";
};

/** Writes a word without telling the checksum. */
function patched(image: Uint8Array, at: number, value: number): Uint8Array {
    const copy = image.slice();
    new DataView(copy.buffer).setUint32(at, value, true);
    return copy;
}

describe("images", () => {
    for (const chip of CHIPS) {
        for (const profile of PROFILES) {
            it(`${chip}, ${profile}: whole, and for what it says`, () => {
                const header = readImage(readImageFile(chip, profile));
                assert.equal(header.chip, chip);
                assert.equal(header.profile, profile);
                assert.equal(header.address % 4, 0);
                assert.equal(header.statics % 8, 0);
            });
        }
    }

    it("there and back is the same to the byte, and the build id stays", () => {
        const image = readImageFile("rp2040");
        const moved = relocateImage(image, 0x101c4004);
        assert.notDeepEqual(moved, image);
        assert.equal(readImage(moved).build, readImage(image).build);
        assert.deepEqual(relocateImage(moved, readImage(image).address), image);
    });

    it("addresses that are none", () => {
        const image = readImageFile("rp2040");
        for (const address of [0x10000002, -4, 2 ** 32 - 4, Number.NaN, 1.5]) {
            assert.throws(() => relocateImage(image, address), RangeError);
        }
    });
});

describe("damaged images are refused before anything runs", () => {
    const image = readImageFile("rp2040");
    const cases: [string, Uint8Array, string][] = [
        ["nothing", new Uint8Array(0), "ETLS_BAD_IMAGE"],
        ["a cut header", image.subarray(0, 40), "ETLS_BAD_IMAGE"],
        ["another magic", patched(image, 0, 0x464c457f), "ETLS_BAD_IMAGE"],
        ["another format", patched(image, IMAGE_FORMAT_AT, 99), "ETLS_IMAGE_VERSION"],
        ["cut", image.subarray(0, image.length - 4), "ETLS_BAD_IMAGE"],
        ["a wrong length", patched(image, IMAGE_SIZE_AT, 4), "ETLS_BAD_IMAGE"],
        ["a wrong checksum", patched(image, IMAGE_CRC_AT, 1), "ETLS_BAD_IMAGE"],
        ["another ABI", patched(image, IMAGE_ABI_AT, 99), "ETLS_BAD_IMAGE"],
        ["another address", patched(image, IMAGE_ADDRESS_AT, 0), "ETLS_BAD_IMAGE"],
        ["another table", patched(image, IMAGE_RELOCATIONS_AT, 64), "ETLS_BAD_IMAGE"],
    ];
    for (const [what, bytes, code] of cases) {
        it(what, () => {
            assert.equal(codeOf(() => readImage(bytes)), code);
            assert.equal(codeOf(() => relocateImage(bytes, 0x10200000)), code);
            assert.equal(codeOf(() => new ImageBinding(new Rp2040(PORT), bytes, 65536, 0)), code);
        });
    }

    it("a byte changed anywhere", () => {
        for (let at = 0; at < image.length; at += 997) {
            const copy = image.slice();
            copy[at] = (copy[at] ?? 0) ^ 0x10;
            assert.notEqual(codeOf(() => readImage(copy)), "no error", `byte ${at}`);
        }
    });
});

describe("an image runs wherever it is put", () => {
    const image = readImageFile("rp2040");
    const size = image.length;

    /** What a core there says of itself, and what opening and a certificate cost. */
    function probe(at: number | undefined, arena: number): unknown[] {
        const machine = new Rp2040(PORT);
        if (at !== undefined && at >= SRAM) machine.ram.size = at - SRAM; // the rest is the image's
        const binding = new ImageBinding(machine, image, arena, 0, at);
        const costs: number[] = [];
        binding.onCall = (_, cost) => costs.push(cost.cycles, cost.stack);
        const said = [
            binding.call(ENTRY_ABI, 0, 0, 0),
            binding.call(ENTRY_STAT, STAT_LEAST_ARENA, 0, 0),
            binding.call(ENTRY_STAT, STAT_OVERHEAD, 0, 0),
            binding.call(ENTRY_OPEN, 65536, 0, 0),
        ];
        binding.close();
        return [said, costs];
    }

    it("in flash, elsewhere in flash, and in SRAM: the same results in the same cycles", () => {
        const there = probe(undefined, 65536);
        assert.deepEqual(probe(0x101c0104, 65536), there);
        assert.deepEqual(probe(SRAM + 264 * 1024 - ((size + 255) & ~255), 65536), there);
    });

    it("not on another chip", () => {
        const other = readImageFile("stm32f4");
        assert.throws(() => new ImageBinding(new Rp2040(PORT), other, 65536, 0), /for the stm32f4/);
    });
});
