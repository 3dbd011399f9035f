// SPDX-License-Identifier: Apache-2.0
/** docs/FIGURES.md: what is cheap to measure is measured again, and the page says what its data say. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { cyclesChart, flashChart, heapChart } from "./figures/charts.ts";
import { DOCS, KINDS, readFigures } from "./figures/file.ts";
import { fillTables } from "./figures/tables.ts";
import { chipHandshake, measureFlash } from "./support/measure-chip.ts";
import type { Chain } from "./support/measure.ts";
import type { Version } from "./support/servers.ts";

/** Bytes of stack that an entry may use. */
const STACK = 6144;

/** How far the sources may go before the page has to be made anew: one part in fifty. */
const DRIFT = 50;

describe("figures of the boards", () => {
    const file = readFigures();
    const { figures } = file;

    it("tables and pictures are those of docs/figures.json (npm run figures)", () => {
        const page = readFileSync(`${DOCS}FIGURES.md`, "utf8");
        assert.equal(page, fillTables(page, file));
        for (const [name, draw] of Object.entries({ heap: heapChart, cycles: cyclesChart, flash: flashChart })) {
            assert.equal(readFileSync(`${DOCS}img/${name}.svg`, "utf8"), draw(file), `${name}.svg`);
        }
    });

    it("flash and static data are as the page says, to one part in fifty", () => {
        const measured = measureFlash();
        for (const image of ["rp2040", "rp2350", "stm32f4"].flatMap((chip) => [`${chip}.small`, `${chip}.full`])) {
            for (const kind of ["flash", "statics"]) {
                const [now, said] = [measured[`${kind}.${image}`] ?? 0, figures[`${kind}.${image}`] ?? 0];
                assert.ok(Math.abs(now - said) * DRIFT <= now, `${kind}.${image} is ${now}, docs/FIGURES.md says ${said}: run npm run figures`);
            }
        }
    });

    it("the heap is the same on the chip and in WebAssembly", () => {
        for (const [key, bytes] of Object.entries(figures)) {
            const wasm = figures[key.replace("rp2040", "wasm")] ?? Number.NaN;
            // The server's ECDSA signature has 70 to 72 bytes, by chance: a block of 8. heap-equality.test.ts has all else equal.
            if (key.startsWith("heap.rp2040.")) assert.ok(Math.abs(bytes - wasm) <= 8, `${key}: ${bytes}, in WebAssembly ${wasm}`);
        }
        assert.ok(KINDS.every((kind) => (figures[`heap.rp2040.${kind}.peak`] ?? 0) > 0));
    });

    it("cycles by phase add up, and no figure is missing", () => {
        for (const kind of KINDS) {
            const part = (name: string): number => figures[`cycles.rp2040.${kind}.${name}`] ?? Number.NaN;
            const parts = ["setup", "keyshare", "certificate", "keyexchange", "finished"].map(part);
            assert.equal(parts.reduce((sum, cycles) => sum + cycles, 0), part("total"));
            assert.equal(part("certificate.1") + part("certificate.2"), part("certificate"));
        }
    });

    it("a resumed handshake costs no signature, with TLS 1.2 no public-key operation, at most 2.5 million cycles", () => {
        for (const version of ["tls12", "tls13"]) assert.equal(figures[`count.rp2040.${version}.resumed.signatures`], 0);
        const cycles = figures["cycles.rp2040.tls12.resumed"] ?? Number.NaN;
        assert.ok(cycles > 1e6 && cycles <= 2.5e6, `${cycles}; one X25519 alone takes 26 million`);
    });

    for (const [version, chain] of [["1.2", "rsa"], ["1.3", "ec"]] as [Version, Chain][]) {
        it(`the stack of a handshake stays within ${STACK} bytes: TLS ${version}, ${chain.toUpperCase()}`, async function () {
            this.timeout(180_000);
            const meter = await chipHandshake(chain, version);
            const stacks = meter.stacks();
            assert.ok((stacks["session_step"] ?? 0) > 500, "the stack was painted and looked at");
            for (const [entry, bytes] of Object.entries(stacks)) {
                assert.ok(bytes <= STACK, `${entry} uses ${bytes} bytes of stack`);
            }
            const phases = Object.keys(meter.phases()).sort();
            assert.deepEqual(phases, ["certificate", "finished", "keyexchange", "keyshare", "setup"]);
        });
    }
});
