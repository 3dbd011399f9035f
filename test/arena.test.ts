// SPDX-License-Identifier: Apache-2.0
/** The arena's allocator and its statistics, seen through the C ABI. */
import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import * as abi from "../modules/abi.gen.ts";
import { Core } from "./support/abi.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

const { CLIENT, SERVER } = abi;
/** Bytes of the arena. */
const LARGE = 131_072;
const SMALL = 49_152;

/** Numbers from 0 up to below `limit`, the same in every run. */
function generator(seed: number): (limit: number) => number {
    let state = seed;
    return (limit) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * limit);
    };
}

describe("arena", () => {
    let pki: Pki;
    let core: Core;

    before(async () => {
        pki = await cachedPki();
    });

    beforeEach(async () => {
        core = await Core.open(LARGE);
    });

    afterEach(() => core.close());

    /** What must hold at any time. */
    const check = (handles: Iterable<number> = []): void => {
        const inUse = core.stat(abi.STAT_IN_USE);
        const free = core.stat(abi.STAT_FREE);
        const overhead = core.stat(abi.STAT_OVERHEAD);
        const size = core.stat(abi.STAT_ARENA);
        assert.ok(size === LARGE || size === SMALL);
        assert.equal(overhead + inUse + free, size - 8, "8 bytes are lost to alignment");
        assert.ok(core.stat(abi.STAT_LARGEST_FREE) <= free);
        assert.ok(core.stat(abi.STAT_PEAK) >= inUse);
        assert.equal(core.stat(abi.STAT_BLOCKS) === 0, inUse === 0);
        let sum = 0;
        for (const handle of handles) {
            const own = core.stat(abi.STAT_IN_USE, handle);
            assert.ok(core.stat(abi.STAT_PEAK, handle) >= own);
            sum += own;
        }
        assert.equal(sum, inUse, "the handles' bytes add up to those in use");
    };

    it("an empty one", () => {
        check();
        assert.deepEqual(
            [abi.STAT_IN_USE, abi.STAT_PEAK, abi.STAT_BLOCKS, abi.STAT_HANDLES, abi.STAT_REFUSED,
                abi.STAT_LARGEST_REFUSED, abi.STAT_ALLOCATIONS].map((id) => core.stat(id)),
            [0, 0, 0, 0, 0, 0, 0],
        );
        assert.equal(core.stat(abi.STAT_LARGEST_FREE), core.stat(abi.STAT_FREE) - 4);
    });

    it("unknown statistics, and those that only the whole arena has", () => {
        const context = core.context(CLIENT);
        assert.equal(core.stat(abi.STAT_MAX_HANDLES), 80);
        for (const id of [0, abi.STAT_SIGNATURES + 1, 1000, -1]) {
            assert.equal(core.call(abi.ENTRY_STAT, id), "BAD_ARGUMENT");
        }
        for (const id of [abi.STAT_ARENA, abi.STAT_FREE, abi.STAT_BLOCKS, abi.STAT_HANDLES]) {
            assert.equal(core.call(abi.ENTRY_STAT, id, context), "BAD_ARGUMENT");
        }
        assert.equal(core.call(abi.ENTRY_STAT, abi.STAT_IN_USE, 12345), "BAD_HANDLE");
    });

    it("the bytes of each handle add up, at every step of a handshake", () => {
        for (const chain of ["ec", "rsa"] as const) {
            const contexts = [core.context(CLIENT, pki[chain]), core.context(SERVER, pki[chain])];
            check(contexts);
            const client = core.session(contexts[0]!, "localhost") as number;
            const server = core.session(contexts[1]!) as number;
            const all = [...contexts, client, server];
            check(all);
            for (let carried = 1; carried > 0; ) {
                carried = core.carry(client, server);
                check(all);
                carried += core.carry(server, client);
                check(all);
            }
            core.shakeHands(client, server);
            core.give(abi.ENTRY_SESSION_WRITE, client, "x".repeat(16_384));
            check(all);
            core.carry(client, server);
            check(all);
            core.data(server);
            all.reverse().forEach((handle) => core.must(handle === client || handle === server
                ? abi.ENTRY_SESSION_FREE : abi.ENTRY_CONTEXT_FREE, handle));
            check();
        }
    });

    it("a handle's account starts at 0 when its slot is used again", () => {
        const context = core.context(SERVER, pki.rsa);
        const client = core.context(CLIENT, pki.rsa);
        let first: number[] = [];
        for (let i = 0; i < 3; i += 1) {
            const a = core.session(client, "localhost") as number;
            const b = core.session(context) as number;
            const fresh = [a, b].flatMap((handle) =>
                [abi.STAT_IN_USE, abi.STAT_PEAK, abi.STAT_ALLOCATIONS].map((id) => core.stat(id, handle)),
            );
            if (i === 0) first = fresh;
            assert.deepEqual(fresh, first, `time ${i}`);
            core.shakeHands(a, b);
            core.must(abi.ENTRY_SESSION_FREE, a);
            core.must(abi.ENTRY_SESSION_FREE, b);
            check([context, client]);
        }
    });

    it("peak and counters start anew with etls_stat_reset()", () => {
        const context = core.context(CLIENT, pki.ec);
        const small = core.stat(abi.STAT_IN_USE);
        core.must(abi.ENTRY_SESSION_FREE, core.session(context, "localhost") as number);
        assert.equal(core.stat(abi.STAT_IN_USE), small);
        const peak = core.stat(abi.STAT_PEAK);
        assert.ok(peak > small + 1000);
        assert.ok(core.stat(abi.STAT_ALLOCATIONS) > core.stat(abi.STAT_BLOCKS));
        assert.equal(core.call(abi.ENTRY_STAT_RESET), 0);
        assert.deepEqual([core.stat(abi.STAT_PEAK), core.stat(abi.STAT_ALLOCATIONS)], [small, 0]);
        assert.equal(core.stat(abi.STAT_PEAK, context), core.stat(abi.STAT_IN_USE, context));
        core.must(abi.ENTRY_SESSION_FREE, core.session(context, "localhost") as number);
        assert.equal(core.stat(abi.STAT_PEAK), peak, "the same work, the same peak");
    });

    it("what is refused is counted, and leaves nothing behind", () => {
        const context = core.context(CLIENT);
        let certificates = 0;
        while (core.give(abi.ENTRY_CONTEXT_ADD_CA, context, pki.rsa.rootDer) === 0) certificates += 1;
        assert.ok(certificates > 50, `${certificates} certificates`);
        while (core.give(abi.ENTRY_CONTEXT_ADD_ALPN, context, "name") === 0);
        assert.equal(core.call(abi.ENTRY_CONTEXT_NEW, CLIENT), "OUT_OF_MEMORY");
        assert.ok(core.stat(abi.STAT_REFUSED) >= 2);
        assert.ok(core.stat(abi.STAT_LARGEST_REFUSED) > core.stat(abi.STAT_LARGEST_FREE));
        check([context]);
        core.must(abi.ENTRY_CONTEXT_FREE, context);
        check();
        assert.ok(core.stat(abi.STAT_REFUSED) >= 2, "until the reset");
        core.must(abi.ENTRY_STAT_RESET);
        assert.deepEqual(
            [core.stat(abi.STAT_REFUSED), core.stat(abi.STAT_LARGEST_REFUSED), core.stat(abi.STAT_PEAK)],
            [0, 0, 0],
        );
    });

    for (const seed of [1, 2, 3]) {
        it(`blocks of many sizes come and go in any order (seed ${seed})`, async () => {
            core.close();
            core = await Core.open(SMALL);
            const random = generator(seed);
            const largest = core.stat(abi.STAT_LARGEST_FREE);
            const certificates = [
                ...Object.values(pki.bad).filter(({ name }) => !/p224|ed25519|secp/i.test(name)),
                ...Object.values(pki.clients), pki.ec, pki.rsa,
            ].flatMap((identity) => [identity.certDer, identity.rootDer]);
            const contexts: number[] = [];
            let refused = 0;
            for (let i = 0; i < 4000; i += 1) {
                const context = contexts[random(contexts.length)];
                const what = random(10);
                if (context === undefined || (what === 0 && contexts.length < 60)) {
                    const made = core.call(abi.ENTRY_CONTEXT_NEW, random(2));
                    if (typeof made === "number") contexts.push(made);
                } else if (what === 1) {
                    core.must(abi.ENTRY_CONTEXT_FREE, context);
                    contexts.splice(contexts.indexOf(context), 1);
                } else if (what < 6) {
                    const certificate = certificates[random(certificates.length)]!;
                    const taken = core.give(abi.ENTRY_CONTEXT_ADD_CA, context, certificate);
                    refused += taken === "OUT_OF_MEMORY" ? 1 : 0;
                } else {
                    const name = "n".repeat(1 + random(255));
                    const taken = core.give(abi.ENTRY_CONTEXT_ADD_ALPN, context, name);
                    refused += taken === "OUT_OF_MEMORY" ? 1 : 0;
                }
                if (i % 100 === 0) check(contexts);
            }
            assert.ok(refused > 0, "it was full at times");
            while (contexts.length > 0) {
                const [context] = contexts.splice(random(contexts.length), 1);
                core.must(abi.ENTRY_CONTEXT_FREE, context);
                check(contexts);
            }
            assert.equal(core.stat(abi.STAT_LARGEST_FREE), largest, "one piece again");
        });
    }
});
