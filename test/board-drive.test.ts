// SPDX-License-Identifier: Apache-2.0
/**
 * The file for a board's boot drive: its blocks, the Storage in it, and the Pico's own firmware with it,
 * in an emulator. For that, ESPRUINO_RP2040_UF2 and RP2040_BOOTROM name firmware and boot ROM.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { CHIPS } from "../cli/board/chips.ts";
import type { Chip } from "../cli/board/chips.ts";
import { moduleFiles } from "../cli/board/files.ts";
import { storageImage } from "../cli/board/storage_image.ts";
import { makeUf2, readUf2 } from "../cli/board/uf2.ts";
import { readImage } from "../native/image/image.ts";
import { cli, Pico, skipWithoutFirmware } from "./device/pico.ts";
import { rootBundle } from "../wasm/roots.ts";
import { makeBundle } from "../wasm/trust_bundle.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { opensslServer } from "./support/servers.ts";

/** The files in a Storage, read as Espruino's src/jsflash.c does. */
const filesIn = function (flash: Buffer): [name: string, data: string][] {
    const files: [string, string][] = [];
    let at = 0;
    while (flash.readUInt32LE(at) !== 0xffffffff) {
        const size = flash.readUInt32LE(at) & 0xffffff;
        const name = flash.toString("latin1", at + 4, at + 32).replace(/\0+$/, "");
        files.push([name, flash.toString("latin1", at + 32, at + 32 + size)]);
        at = (at + 32 + size + 3) & ~3;
    }
    assert.ok(flash.subarray(at).every((byte) => byte === 0xff), "the rest is erased");
    return files;
};

/** What a UF2 file writes from an address on. */
const flashOf = function (file: Buffer, address: number, size: number): Buffer {
    const flash = Buffer.alloc(size);
    for (const sector of readUf2(file)) {
        const to = sector.address - address;
        if (to >= 0 && to < size) flash.set(sector.data.subarray(0, size - to), to);
    }
    return flash;
};

describe("the file for a boot drive", function () {
    this.timeout(600_000);
    const pico = new Pico();
    const file = join(pico.folder, "tls.uf2");
    const trust = join(pico.folder, "root.pem");
    let pki: Pki;

    before(async function () {
        pki = await cachedPki();
        writeFileSync(trust, pki.ec.rootPem);
    });
    after(() => pico.remove());

    const make = (chip: Chip, ...more: string[]): ReturnType<typeof cli> =>
        cli(["install", "--uf2", chip.drive, "-o", file, "--ca", trust, ...more]);

    for (const chip of CHIPS) {
        it(`of the ${chip.board} has the image, the modules and the settings`, async function () {
            const { code, output } = await make(chip, "--arena", "20k");
            assert.equal(code, 0, output);
            const uf2 = readFileSync(file);
            const image = readFileSync(new URL(`../images/etls-${chip.name}-full.bin`, import.meta.url));
            assert.ok(flashOf(uf2, readImage(image).address, image.length).equals(image));
            const files = filesIn(flashOf(uf2, chip.storage.address, chip.storage.size));
            assert.deepEqual(files, [
                ["tls-ca", Buffer.from(pki.ec.rootDer).toString("latin1")],
                ["tls-config", '{"arena":20480}'],
                ...moduleFiles().map(([name, data]) => [name, Buffer.from(data).toString("latin1")]),
            ]);
        });

        it(`of the ${chip.board} has whole sectors of 16 blocks, in order`, function () {
            const uf2 = readFileSync(file);
            const word = (block: number, at: number): number => uf2.readUInt32LE(block * 512 + at * 4);
            const count = uf2.length / 512;
            assert.equal(count % 16, 0);
            for (let block = 0; block < count; block += 1) {
                const head = [word(block, 0), word(block, 1), word(block, 2), word(block, 4), word(block, 5), word(block, 6)];
                assert.deepEqual(head, [0x0a324655, 0x9e5d5157, 0x2000, 256, block, count]);
                assert.equal(word(block, 7), chip.family);
                assert.equal(word(block, 127), 0x0ab16f30);
                const sector = word(block - (block % 16), 3);
                assert.equal(sector % 4096, 0);
                assert.equal(word(block, 3), sector + (block % 16) * 256);
            }
        });
    }

    it("trusts the common public roots where nothing is named, nobody with --no-roots, a bundle", async function () {
        const [chip] = CHIPS;
        const trusted = async (...args: string[]): Promise<string | undefined> => {
            const { code, output } = await cli(["install", "--uf2", "pico", "-o", file, ...args]);
            assert.equal(code, 0, output);
            const uf2 = readFileSync(file);
            return filesIn(flashOf(uf2, chip?.storage.address ?? 0, chip?.storage.size ?? 0)).find(([name]) => name === "tls-ca")?.[1];
        };
        assert.equal(await trusted(), rootBundle("common").toString("latin1"));
        assert.equal(await trusted("--no-roots"), undefined);
        const bundle = makeBundle([pki.ec.rootDer]);
        const own = join(pico.folder, "own.bin");
        writeFileSync(own, bundle);
        assert.equal(await trusted("--ca", own), Buffer.from(bundle).toString("latin1"));
        const mixed = await cli(["install", "--uf2", "pico", "-o", file, "--ca", own, "--ca", trust]);
        assert.equal(mixed.code, 2);
        assert.match(mixed.output, /certificates or one trust bundle; espruino-tls ca bundle --add/);
    });

    it("reads back what it was made of, in any order of blocks", function () {
        const data = Buffer.from(Array.from({ length: 5000 }, (_, at) => at % 251));
        const uf2 = Buffer.from(makeUf2([{ address: 0x10000000, data }], 1));
        const blocks = Array.from({ length: uf2.length / 512 }, (_, at) => uf2.subarray(at * 512, at * 512 + 512));
        const turned = Buffer.concat(blocks.reverse());
        assert.ok(flashOf(turned, 0x10000000, 5000).equals(data));
        assert.throws(() => makeUf2([{ address: 0x10000100, data }], 1), RangeError);
    });

    it("refuses what does not fit", async function () {
        assert.throws(() => storageImage([["big", Buffer.alloc(4000)]], 4000), { code: "ETLS_BOARD", message: /4000 bytes/ });
        assert.equal(storageImage([["big", Buffer.alloc(3936)]], 4000).length, 4000);
        const other = join(pico.folder, "other.uf2");
        writeFileSync(other, makeUf2([{ address: 0x10000000, data: Buffer.alloc(0x100001) }], CHIPS[0]?.family ?? 0));
        const { code, output } = await make(CHIPS[0] as Chip, "--firmware", other);
        assert.match(output, /ETLS_BOARD.*0x10100000/);
        assert.notEqual(code, 0);
    });

    it("refuses wrong command lines with what to do", async function () {
        const cases: [string[], RegExp][] = [
            [["--uf2", "esp32", "-o", file], /pico or pico2, not esp32/],
            [["--uf2", "pico"], /name it with --output/],
            [["-o", file], /pico or pico2, not left out/],
            [["--uf2", "pico", "-o", file, "--port", "COM3"], /only one of them/],
            [["--uf2", "pico", "-o", file, "--firmware", trust], /no UF2 file/],
            [["--uf2", "pico", "-o", join(pico.folder, "none", "x")], /--output .*ENOENT/],
        ];
        for (const [args, message] of cases) {
            const { code, output } = await cli(["install", ...args]);
            assert.equal(code, 2, output);
            assert.match(output, message);
        }
    });

    describe("on the Pico's own firmware", function () {
        before(function () {
            skipWithoutFirmware(this);
        });

        /** Gets a page with the trust that was installed, twice; in between Storage is written and compacted. */
        const program = (port: number, host: string): string => {
            const change = `
                var s = require("Storage");
                s.write("mine", "0123456789");
                s.erase("tls-run");
                s.compact();
                print("@@", s.read("mine"), s.read("tls-image"), s.read("old"));
                get(function () { print("DONE"); });`;
            const get = `function (then) {
                require("https").get({ host: "${host}", port: ${port}, path: "/", agent: false }, function (response) {
                    response.on("data", function () {});
                    response.on("end", function () {
                        print("@@", response.statusCode, response.socket.getProtocol());
                        then();
                    });
                }).on("error", function (error) { print("@@", error.code, error.message); print("DONE"); });
            }`;
            // In RAM, since the file that holds the program goes and others move.
            return `setTimeout(${JSON.stringify(`global.get = ${get}; get(function () { setTimeout(${JSON.stringify(change)}, 10); });`)}, 10);`;
        };

        it("dropped on a board that has been in use, makes verified requests", async function () {
            await make(CHIPS[0] as Chip);
            await pico.start();
            await pico.run('require("Storage").write("old", "x"); print("DONE");');
            await pico.stop();
            await pico.start([file]);
            const server = await opensslServer({ identity: pki.ec, version: "1.3", mode: "www" });
            const lines = await pico.run(program(server.port, pki.ec.host));
            await server.close();
            assert.deepEqual(lines, ["@@ 200 TLSv1.3", "@@ 0123456789 undefined undefined", "@@ 200 TLSv1.3"]);
        });

        it("leaves nothing to do for install, which can still replace it", async function () {
            const same = await pico.cli("install", "--ca", trust);
            assert.match(same.output, /Everything was there already/);
            const other = await pico.cli("install", "--profile", "small");
            assert.match(other.output, /Installed: tls-image/);
            const server = await opensslServer({ identity: pki.rsa, version: "1.2", mode: "www" });
            const lines = await pico.run(program(server.port, pki.rsa.host));
            await server.close();
            assert.match(lines[0] ?? "", /ETLS_CERT_UNKNOWN_ISSUER/);
            await pico.stop();
        });

        it("with the firmware, dropped on an empty board, is all that it needs", async function () {
            const { code, output } = await make(CHIPS[0] as Chip, "--firmware", process.env["ESPRUINO_RP2040_UF2"] ?? "");
            assert.equal(code, 0, output);
            writeFileSync(pico.flash, "\xff", "latin1");
            await pico.start([file]);
            const server = await opensslServer({ identity: pki.ec, version: "1.2", mode: "www" });
            const lines = await pico.run(program(server.port, pki.ec.host));
            await server.close();
            assert.equal(lines[0], "@@ 200 TLSv1.2");
        });
    });
});
