// SPDX-License-Identifier: Apache-2.0
/** The emulated RP2040 with a simulated ring oscillator: start-up, health tests, a handshake, and what these cost. */
import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as abi from "../modules/abi.gen.ts";
import { entropyState } from "../modules/entropy.ts";
import { ImageBinding } from "../native/emulated/binding.ts";
import { Rp2040 } from "../native/emulated/rp2040.ts";
import { openBinding } from "../wasm/binding.ts";
import { Core, PORT } from "./support/abi.ts";
import { readImageFile } from "./support/host.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { biasedBits, source } from "./support/sources.ts";

/** What a read of RANDOMBIT is spaced by, at 125 MHz and 10 microseconds. */
const SPACING = 1250;

describe("entropy on the emulated RP2040", () => {
    let pki: Pki;

    before(async () => {
        pki = await cachedPki();
    });

    /** A core whose ring oscillator gives these bits. */
    const open = (bit: () => number): { core: Core; binding: ImageBinding } => {
        const machine = new Rp2040({ ...PORT, sources: [source(bit)] });
        const binding = new ImageBinding(machine, readImageFile("rp2040"), 98304, 0);
        return { core: new Core(binding), binding };
    };

    it("a noisy one: the start-up test, a handshake, and cycles and stack within bounds", async function () {
        this.timeout(60000);
        const { core, binding } = open(biasedBits(0.4, 1));
        const client = core.context(abi.CLIENT, pki.ec);
        const costs: { cycles: number; stack: number }[] = [];
        binding.onCall = (entry, cost) => void (entry === abi.ENTRY_SESSION_NEW && costs.push(cost));
        const first = core.session(client, "localhost") as number;
        core.must(abi.ENTRY_SESSION_FREE, core.session(client, "localhost") as number);
        binding.onCall = undefined;
        const peer = new Core(await openBinding(65536, 0, PORT));
        const server = peer.session(peer.context(abi.SERVER, pki.ec)) as number;
        while (core.carry(first, server, peer) + peer.carry(server, first, core) > 0);
        assert.ok(core.run(first) & abi.ESTABLISHED);
        assert.ok(peer.run(server) & abi.ESTABLISHED);
        peer.close();
        const [rosc] = entropyState(binding).sources;
        assert.equal(rosc?.name, "rosc");
        assert.ok(rosc.samples >= 2048, "512 bits at a quarter of a bit each");
        const [start, later] = costs;
        console.log(`      start-up ${start?.cycles} cycles, later ${later?.cycles}, stack ${start?.stack} bytes`);
        assert.ok(start && later);
        assert.ok(start.cycles > 2048 * SPACING, "never read faster than every 10 microseconds");
        assert.ok(start.cycles < 2048 * SPACING * 1.5, "little beside waiting for the samples");
        assert.ok(later.cycles < 500_000, "a later session waits for 128 samples");
        assert.ok(start.stack < 2560);
        core.close();
    });

    it("one that is stuck, and one that is too biased: no session, and the test's name", () => {
        for (const [bit, test] of [[() => 1, "repetition count"], [biasedBits(0.1, 2), "adaptive proportion"]] as const) {
            const { core, binding } = open(bit);
            assert.equal(core.session(core.context(abi.CLIENT, pki.ec), "localhost"), "ENTROPY_FAILED");
            assert.equal(entropyState(binding).sources[0]?.failed, test);
            core.close();
        }
    });

    it("one that was stopped", () => {
        const machine = new Rp2040({ ...PORT, sources: [] });
        const core = new Core(new ImageBinding(machine, readImageFile("rp2040"), 65536, 0));
        assert.equal(core.session(core.context(abi.CLIENT, pki.ec), "localhost"), "NO_ENTROPY");
        core.close();
    });
});
