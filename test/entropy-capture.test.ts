// SPDX-License-Identifier: Apache-2.0
/**
 * The programs that give raw samples (native/image/capture.c), on emulated chips with simulated noise: each
 * sample is the one that the noise was, wherever the program lies.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, describe, it } from "mocha";
import { captureChipOf, programOf, unpack } from "../cli/board/capture.ts";
import type { Machine } from "../native/emulated/machine.ts";
import { Rp2040 } from "../native/emulated/rp2040.ts";
import { Stm32f4 } from "../native/emulated/stm32f4.ts";
import { PORT } from "./support/abi.ts";
import { projectFolder } from "./support/pki.ts";
import { run, skipWithout } from "./support/processes.ts";
import { biasedBits, source, uniform } from "./support/sources.ts";
import { FAILED, TRNG, Trng, VALID, type Outcome } from "./support/trng.ts";

const RAM = 0x20000000;
/** Where samples go. */
const OUT = RAM + 0x8000;
/** Where programs lie: not at one place, and not where they were linked. */
const PLACES = [RAM + 0x400, RAM + 0x3ffc];

/** Calls a program that was put into RAM. */
const call = (chip: Machine, place: number, count: number): number => chip.call(place | 1, OUT, count, 0, 0);

/** What a program says of its source. */
function describeSource(chip: Machine, place: number): [name: string, width: number, credit: number] {
    const numbers = call(chip, place, 0);
    const name = Buffer.from(chip.read(OUT, 16)).toString("latin1").replace(/\0[^]*/, "");
    return [name, numbers >> 16, numbers & 0xffff];
}

/** So many samples. */
function take(chip: Machine, place: number, count: number, width: number): Uint8Array {
    chip.write(OUT + count, Uint8Array.of(0xa5));
    const size = call(chip, place, count);
    assert.equal(size, (count * width) / 8);
    assert.equal(chip.read(OUT + count, 1)[0], 0xa5, "nothing behind the samples is written");
    return unpack(chip.read(OUT, size), width);
}

describe("raw samples of the RP2040's ring oscillator", () => {
    const { code } = programOf("rp2040", undefined);

    it("are those that it gave, one for one, at any place in memory", () => {
        const [given, expected] = [biasedBits(0.4, 7), biasedBits(0.4, 7)];
        const chip = new Rp2040({ ...PORT, sources: [source(given)] });
        for (const place of PLACES) {
            chip.write(place, code);
            assert.deepEqual(describeSource(chip, place), ["rosc", 1, 4]);
            const samples = take(chip, place, 1024, 1);
            assert.deepEqual([...samples], Array.from({ length: 1024 }, expected));
        }
    });

    it("are as far apart as those of the core: 10 microseconds", () => {
        const chip = new Rp2040({ ...PORT, sources: [source(biasedBits(1, 1))] });
        chip.write(RAM, code);
        const before = chip.cycles;
        take(chip, RAM, 640, 1);
        const spacing = (chip.cycles - before) / 640;
        assert.ok(spacing > 1250 && spacing < 1600, `${spacing} cycles`);
    });

    it("do not come from one that was stopped", () => {
        const chip = new Rp2040({ ...PORT, sources: [] });
        chip.write(RAM, code);
        assert.equal(call(chip, RAM, 64), -1);
    });
});

describe("raw samples of the STM32F4's sources", function () {
    this.timeout(60_000);
    before(function () {
        skipWithout(this, "qemu-system-arm");
    });

    /** The emulated chip's noise, bit by bit as it takes it. */
    const noise = (seed: number): { random: (out: Uint8Array) => boolean; bit: () => number } => {
        const next = uniform(seed);
        const bytes: number[] = [];
        let taken = 0;
        return {
            random: (out) => {
                for (let at = 0; at < out.length; at += 1) bytes.push((out[at] = Math.floor(next() * 256)));
                return true;
            },
            bit: () => {
                const bit = ((bytes[taken >> 3] ?? 0) >> (taken & 7)) & 1;
                taken += 1;
                return bit;
            },
        };
    };

    it("adc: two bits of the sum of both readings", () => {
        const { random, bit } = noise(3);
        const chip = new Stm32f4({ ...PORT, random });
        chip.write(PLACES[1] as number, programOf("stm32f4", "adc").code);
        assert.deepEqual(describeSource(chip, PLACES[1] as number), ["adc", 2, 4]);
        const samples = take(chip, PLACES[1] as number, 64, 2);
        assert.deepEqual([...samples], Array.from({ length: 64 }, () => (2 * 1502 + bit() + bit()) & 3));
        chip.close();
    });

    it("jitter: four bits of the cycles between two edges", () => {
        const { random, bit } = noise(4);
        const chip = new Stm32f4({ ...PORT, random });
        chip.write(PLACES[0] as number, programOf("stm32f4", "jitter").code);
        assert.deepEqual(describeSource(chip, PLACES[0] as number), ["jitter", 4, 4]);
        const samples = take(chip, PLACES[0] as number, 64, 4);
        bit(), bit(); // the edge before the first sample
        assert.deepEqual([...samples], Array.from({ length: 64 }, () => (2624 + bit() * 2 + bit()) & 15));
        chip.close();
    });
});

/**
 * No emulator of the RP2350 is at hand: its port's code is built for the RP2040's core, and the generator simulated at its
 * address.
 */
describe("raw samples of the RP2350's generator", function () {
    this.timeout(60_000);
    let folder = "";
    let code = new Uint8Array(0);

    before(async () => {
        const load = (path: string): Promise<unknown> => import(join(projectFolder(), path));
        const { findLlvm } = (await load("native/build/llvm.mjs")) as {
            findLlvm: () => Promise<{ version: string; clang: string; lld: string }>;
        };
        const { buildCapture } = (await load("native/image/capture.mjs")) as {
            buildCapture: (tools: object, chip: object, name: string) => Promise<void>;
        };
        const { version, ...tools } = await findLlvm();
        const runner = (tool: string) => (...flags: string[]) => promisify(execFile)(tool, flags);
        folder = mkdtempSync(join(tmpdir(), "etls-capture-"));
        const flags = ["--target=thumbv6m-none-eabi", "-mcpu=cortex-m0plus"];
        await buildCapture(
            { root: projectFolder(), build: folder, out: folder, version, clang: runner(tools.clang), lld: runner(tools.lld) },
            { name: "rp2350", flags, noise: ["trng"] }, "trng",
        );
        code = new Uint8Array(readFileSync(join(folder, "capture-rp2350-trng.bin")));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** A chip whose generator has these outcomes, the last one for ever. */
    const open = (outcomes: Outcome[]): { chip: Rp2040; trng: Trng; word: () => number } => {
        const [given, expected] = [uniform(9), uniform(9)];
        const chip = new Rp2040(PORT);
        let trng: Trng | undefined;
        chip.attach(TRNG, (mcu) => {
            const next = (): Outcome => (outcomes.length > 1 ? outcomes.shift() : outcomes[0]) as Outcome;
            return (trng = new Trng(mcu, next, () => Math.floor(given() * 2 ** 32)));
        });
        chip.write(RAM, code);
        return { chip, trng: trng as unknown as Trng, word: () => Math.floor(expected() * 2 ** 32) };
    };

    it("are 64 bits of each block, with all checks on and 25 clocks between bits; it is off afterwards", () => {
        const { chip, trng, word } = open([VALID]);
        assert.deepEqual(describeSource(chip, RAM), ["trng", 1, 8]);
        const samples = take(chip, RAM, 256, 1);
        const expected = Array.from({ length: 4 }, () => Array.from({ length: 6 }, word).slice(0, 2))
            .flat().flatMap((one) => Array.from({ length: 32 }, (_, at) => (one >>> at) & 1));
        assert.deepEqual([...samples], expected);
        assert.deepEqual([trng.settings, trng.blocks, trng.enabled], [{ config: 0, sample: 25, debug: 0 }, 4, false]);
    });

    it("come from the next block when a check fails, whichever it is", () => {
        for (const failed of FAILED) {
            const { chip, trng } = open([failed, failed, VALID]);
            take(chip, RAM, 64, 1);
            assert.equal(trng.blocks, 3);
        }
    });

    it("do not come when a check fails again and again", () => {
        const { chip, trng } = open([FAILED[1] as Outcome]);
        assert.equal(call(chip, RAM, 64), -1);
        assert.deepEqual([trng.blocks, trng.enabled], [8, false]);
    });

    it("do not come from one that is dead", () => {
        const { chip, trng } = open([0]);
        assert.equal(call(chip, RAM, 64), -1);
        assert.deepEqual([trng.blocks, trng.enabled], [1, false]);
    });
});

describe("capturing", () => {
    const images = join(projectFolder(), "dist/images");

    it("is in no image that does TLS", () => {
        const programs = readdirSync(images).filter((name) => name.startsWith("capture-"));
        assert.deepEqual(programs.sort(), [
            "capture-rp2040-rosc.bin", "capture-rp2350-trng.bin", "capture-stm32f4-adc.bin", "capture-stm32f4-jitter.bin",
        ]);
        for (const name of programs) assert.ok(readFileSync(join(images, name)).length <= 512, name);
        const reports = readdirSync(images).filter((name) => /^etls-(rp2040|rp2350|stm32f4)-.*\.json$/.test(name));
        assert.equal(reports.length, 6);
        for (const name of reports) {
            const { modules } = JSON.parse(readFileSync(join(images, name), "utf8")) as { modules: object };
            const files = Object.keys(modules);
            assert.ok(files.includes("etls/session") && !files.includes("etls/capture"), name);
        }
    });

    it("knows boards by their names, and sources by their chips", () => {
        const info = (board: string) => ({ board, version: "2v29", modules: [] });
        const names = ["ESPR_RP2040_PICO", "RP2350_PICO2", "PICO_R1_3", "ESPRUINOWIFI"];
        assert.deepEqual(names.map((name) => captureChipOf(info(name))), ["rp2040", "rp2350", "stm32f4", "stm32f4"]);
        assert.throws(() => captureChipOf(info("ESP32")), { code: "ETLS_BOARD", message: /ESP32 has is not known; give --chip, one of rp2040/ });
        assert.throws(() => programOf("stm32f4", undefined), { code: "ETLS_USAGE", message: /give --source adc or jitter/ });
        assert.throws(() => programOf("rp2040", "adc"), { code: "ETLS_USAGE", message: /no source adc; it has rosc/ });
        assert.throws(() => programOf("esp32", undefined), { code: "ETLS_BOARD", message: /some of rp2040, rp2350, stm32f4/ });
    });

    it("unpacks samples of any width", () => {
        assert.deepEqual([...unpack(Uint8Array.of(0b01101001), 1)], [1, 0, 0, 1, 0, 1, 1, 0]);
        assert.deepEqual([...unpack(Uint8Array.of(0b11100100), 2)], [0, 1, 2, 3]);
        assert.deepEqual([...unpack(Uint8Array.of(0b10001000, 0b11000110, 0b11111010), 3)], [0, 1, 2, 3, 4, 5, 6, 7]);
        assert.deepEqual([...unpack(Uint8Array.of(0x21, 0x43), 4)], [1, 2, 3, 4]);
        assert.deepEqual([...unpack(Uint8Array.of(7, 200), 8)], [7, 200]);
    });

    const wrong: [args: string, message: RegExp][] = [
        ["", /where to\? give --output/],
        ["-o x", /which board\? give --port/],
        ["x", /takes no x; the file is --output/],
        ["-o x -n 0", /--count 0 is not a whole number from 1/],
        ["-o x -n 1e6", /--count 1e6 is not a whole number/],
        ["-o x --sorce rosc", /unknown option --sorce; did you mean --source\?/],
    ];
    for (const [args, message] of wrong) {
        it(`exit code 2: entropy capture ${args}`, async () => {
            const main = join(projectFolder(), "dist/cli/main.js");
            const words = args === "" ? [] : args.split(" ");
            const { code, stderr, stdout } = await run(process.execPath, [main, "entropy", "capture", ...words]);
            assert.match(stderr, message);
            assert.match(stderr, /^espruino-tls: ETLS_USAGE: .*\n$/, "one sentence");
            assert.deepEqual([code, stdout.toString()], [2, ""]);
        });
    }

    it("a board that goes away: exit code 3, and no file", async () => {
        const main = join(projectFolder(), "dist/cli/main.js");
        const server = createServer((socket) => void socket.once("data", () => socket.destroy()));
        await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        const folder = mkdtempSync(join(tmpdir(), "etls-capture-"));
        const words = ["-p", `tcp://127.0.0.1:${port}`, "-o", join(folder, "x"), "--json"];
        const { code, stdout } = await run(process.execPath, [main, "entropy", "capture", ...words]);
        const { error } = JSON.parse(stdout.toString()) as { error: { code: string } };
        assert.deepEqual([code, error.code, readdirSync(folder)], [3, "ETLS_BOARD", []]);
        server.close();
        rmSync(folder, { recursive: true });
    });
});
