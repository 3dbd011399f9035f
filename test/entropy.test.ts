// SPDX-License-Identifier: Apache-2.0
/**
 * The random generator: what feeds it, when it refuses, and that it does not repeat itself. With sources that
 * are simulated, which the WebAssembly host alone can be given.
 */
import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "mocha";
import * as abi from "../modules/abi.gen.ts";
import { entropyState } from "../modules/entropy.ts";
import type { EntropyState } from "../modules/entropy.ts";
import type { TlsError } from "../modules/errors.ts";
import type { EntropySource, Port } from "../wasm/loader.ts";
import { openBinding } from "../wasm/binding.ts";
import { open as openPackage } from "../wasm/node.ts";
import { Core, PORT } from "./support/abi.ts";
import { converse } from "./support/core.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { biasedBits, source, uniform } from "./support/sources.ts";

const { CLIENT, SERVER } = abi;

/** The random bytes of a ClientHello in a record: RFC 8446 sections 4.1.2 and 5.1. */
const randomOf = (hello: string): string => Buffer.from(hello.slice(11, 43), "latin1").toString("hex");

describe("entropy", () => {
    let pki: Pki;
    let core: Core;

    before(async () => {
        pki = await cachedPki();
    });

    afterEach(() => core.close());

    const open = async (port: Partial<Port>): Promise<void> => {
        core = new Core(await openBinding(65536, 0, { ...PORT, ...port }));
    };

    /** Makes a client session, its context with it. */
    const begin = (): string | number => {
        const context = core.context(CLIENT, pki.ec);
        const session = core.session(context, "localhost");
        core.must(abi.ENTRY_CONTEXT_FREE, context);
        return session;
    };

    /** The random bytes of the hello of a new session. */
    const hello = (): string => {
        const session = begin() as number;
        core.run(session);
        const random = randomOf(core.output(session));
        core.must(abi.ENTRY_SESSION_FREE, session);
        assert.match(random, /^[0-9a-f]{64}$/);
        return random;
    };

    const state = (): EntropyState => entropyState(core.binding);

    it("nothing is taken before it is needed", async () => {
        const rosc = source(biasedBits(0.5, 1));
        await open({ sources: [rosc] });
        assert.equal(rosc.polled, 0);
        assert.equal(state().seedings, 0);
        assert.equal(typeof begin(), "number");
        assert.equal(state().seedings, 1);
    });

    for (const [credit, bits, expected] of [[16, 1, 1024], [8, 0.5, 1024], [4, 0.25, 2048], [1, 1 / 16, 8192]] as const) {
        it(`${bits} bits a sample: ${expected} samples for the first seed, and twice 256 bits at least`, async () => {
            const rosc = source(biasedBits(bits, 2), { credit });
            await open({ sources: [rosc] });
            assert.equal(typeof begin(), "number");
            assert.equal(rosc.polled, expected);
            assert.equal(state().sources[0]?.samples, expected);
        });
    }

    it("samples of 8 bits: the start-up test takes 1,024 of them all the same", async () => {
        const next = uniform(3);
        const adc = source(() => Math.floor(next() * 256), { name: "adc", width: 8, credit: 128 });
        await open({ sources: [adc] });
        assert.equal(typeof begin(), "number");
        assert.equal(adc.polled, 1024);
    });

    it("two sources: both pass their start-up test, and both are heard", async () => {
        const rosc = source(biasedBits(1, 4), { credit: 1 });
        const next = uniform(5);
        const adc = source(() => Math.floor(next() * 4), { name: "adc", width: 2, credit: 4 });
        await open({ sources: [rosc, adc] });
        assert.equal(typeof begin(), "number");
        assert.equal(rosc.polled, adc.polled);
        assert.equal(rosc.polled, Math.ceil(512 / (5 / 16) / 64) * 64, "their bits add up");
        assert.deepEqual(state().sources.map(({ name }) => name), ["rosc", "adc"]);
    });

    it("a source that gives one to three samples at a time is as good", async () => {
        const bits = biasedBits(0.5, 6);
        let polls = 0;
        const slow = source(bits, {
            poll: (samples) => {
                const count = 1 + (polls += 1) % 3;
                for (let at = 0; at < count; at += 1) samples[at] = bits();
                return count;
            },
        });
        await open({ sources: [slow] });
        assert.equal(typeof begin(), "number");
        assert.ok(polls >= 512);
    });

    describe("refusals", () => {
        it("no source at all, until the host adds something credited", async () => {
            await open({ sources: [] });
            assert.equal(begin(), "NO_ENTROPY");
            const seed = Buffer.alloc(64, "a seed, unique and long enough");
            const add = (credited: number): string | number =>
                core.call(abi.ENTRY_ENTROPY_ADD, core.binding.put(seed, 0, seed.length), seed.length, credited);
            for (let i = 0; i < 10; i += 1) assert.equal(add(0), 0);
            assert.equal(begin(), "NO_ENTROPY", "uncredited bytes never count");
            assert.equal(add(511), 0);
            assert.equal(begin(), "NO_ENTROPY");
            assert.equal(state().bits, 511);
            assert.equal(add(1), 0);
            assert.equal(typeof begin(), "number");
            assert.equal(state().seedings, 1);
            assert.equal(state().bits, 0, "used once");
        });

        it("what the host adds cannot be credited with more than it has", async () => {
            await open({});
            const at = core.binding.put("x".repeat(32), 0, 32);
            for (const [address, length, credited] of [[at, 32, 257], [at, 0, 0], [0, 32, 0], [at, 32, -1],
                [at, 1, 9]] as const) {
                assert.equal(core.call(abi.ENTRY_ENTROPY_ADD, address, length, credited), "BAD_ARGUMENT");
            }
            assert.equal(core.call(abi.ENTRY_ENTROPY_ADD, at, 32, 256), 0);
            assert.equal(state().bits, 256);
            for (let i = 0; i < 10; i += 1) assert.equal(core.call(abi.ENTRY_ENTROPY_ADD, at, 32, 256), 0);
            assert.equal(state().bits, 512, "nor the pool, whose 256 bits hold no more");
        });

        it("a source that runs dry, and goes on where it was", async () => {
            let left = 1000;
            const bits = biasedBits(0.5, 7);
            const dry = source(bits, {
                poll: (samples) => {
                    const count = Math.min(samples.length, left);
                    for (let at = 0; at < count; at += 1) samples[at] = bits();
                    left -= count;
                    return count;
                },
            });
            await open({ sources: [dry] });
            for (let i = 0; i < 3; i += 1) assert.equal(begin(), "NO_ENTROPY");
            assert.equal(core.stat(abi.STAT_IN_USE), 0, "and nothing stays behind");
            assert.equal(state().bits, 500);
            assert.equal(state().sources[0]?.failed, "", "to be late is no failure");
            left = 24;
            assert.equal(typeof begin(), "string", "1,024 samples, but none heard in this turn's end");
            left = 100000;
            assert.equal(typeof begin(), "number");
        });

        it("a source that cannot work, or claims to have written more than there is room for", async () => {
            for (const answer of [-1, -1000, 65, 0x7fffffff]) {
                await open({ sources: [source(() => 0, { poll: () => answer })] });
                assert.equal(begin(), "NO_ENTROPY");
                assert.equal(begin(), "NO_ENTROPY");
                if (answer !== 0x7fffffff) core.close();
            }
        });

        it("a source that is stuck at the start, for ever, even when it works again", async () => {
            let stuck = true;
            const bits = biasedBits(0.5, 8);
            const rosc = source(() => (stuck ? 1 : bits()));
            await open({ sources: [rosc] });
            assert.equal(begin(), "ENTROPY_FAILED");
            const polled = rosc.polled;
            stuck = false;
            assert.equal(begin(), "ENTROPY_FAILED");
            assert.equal(rosc.polled, polled, "it is not asked again");
            const [seen] = state().sources;
            assert.equal(seen?.failed, "repetition count");
            assert.equal(seen?.samples, 61, "1 + ceil(30 / 0.5)");
            const at = core.binding.put("x".repeat(64), 0, 64);
            assert.equal(core.call(abi.ENTRY_ENTROPY_ADD, at, 64, 512), 0);
            assert.equal(begin(), "ENTROPY_FAILED", "nor does a seed make up for it");
            assert.equal(core.call(abi.ENTRY_ENTROPY_SAVE, at, 32), "ENTROPY_FAILED");
            core.close();
            await open({ sources: [rosc] });
            assert.equal(typeof begin(), "number", "until a restart");
        });

        it("a source that prefers one value", async () => {
            await open({ sources: [source(biasedBits(0.2, 9))] });
            assert.equal(begin(), "ENTROPY_FAILED");
            assert.equal(state().sources[0]?.failed, "adaptive proportion");
        });

        it("the second of two sources", async () => {
            const rosc = source(biasedBits(0.5, 10));
            await open({ sources: [rosc, source(() => 3, { name: "adc", width: 2, credit: 16 })] });
            assert.equal(begin(), "ENTROPY_FAILED");
            assert.equal(state().blamed, 1);
            assert.deepEqual(state().sources.map(({ failed }) => failed), ["", "repetition count"]);
        });

        it("a source that dies in mid-life: the next handshake does not begin, others' data is intact", async () => {
            let stuck = false;
            const bits = biasedBits(0.5, 11);
            await open({ sources: [source(() => (stuck ? 0 : bits()))] });
            const servers = core.context(SERVER, pki.ec);
            const server = core.session(servers) as number;
            const client = begin() as number;
            core.shakeHands(client, server);
            stuck = true;
            assert.equal(begin(), "ENTROPY_FAILED");
            assert.equal(core.session(servers), "ENTROPY_FAILED");
            for (const [from, to] of [[client, server], [server, client]] as const) {
                assert.equal(core.give(abi.ENTRY_SESSION_WRITE, from, "still here"), 10);
                core.carry(from, to);
                assert.equal(core.data(to), "still here");
            }
        });

        it("a source that dies between two steps of a handshake ends it", async () => {
            let dead = false;
            const next = uniform(12);
            const host = source(() => Math.floor(next() * 256), { width: 8, credit: 128, fast: true });
            const poll = host.poll;
            host.poll = (samples) => (dead ? -1 : poll(samples));
            await open({ sources: [host] });
            const session = begin() as number;
            dead = true;
            core.run(session);
            assert.equal(core.call(abi.ENTRY_SESSION_STEP, session), "NO_ENTROPY");
            assert.equal(core.get(session, abi.GET_OUTPUT_SIZE), 0, "and nothing was sent");
            dead = false;
            assert.equal(typeof begin(), "number");
        });
    });

    describe("seeding anew", () => {
        it("each session hears the source, and its bits add up to a new seed", async () => {
            const rosc = source(biasedBits(0.5, 13));
            await open({ sources: [rosc] });
            const sessions = 2 + Math.ceil(512 / 32);
            for (let i = 0; i < sessions; i += 1) {
                const before = rosc.polled;
                core.must(abi.ENTRY_SESSION_FREE, begin() as number);
                assert.ok(rosc.polled - before >= 61, "enough to notice that it is stuck");
            }
            assert.equal(state().seedings, 2);
        });

        it("after an hour", async () => {
            let time = Date.UTC(2026, 6, 1);
            await open({ sources: [source(biasedBits(0.5, 14))], now: () => time });
            for (const [later, seedings] of [[0, 1], [3_599_000, 1], [1_000, 2], [3_600_000, 3], [-1_000, 4]] as const) {
                time += later;
                core.must(abi.ENTRY_SESSION_FREE, begin() as number);
                assert.equal(state().seedings, seedings);
            }
        });

        it("when the host has added something", async () => {
            await open({ sources: [source(biasedBits(0.5, 15))] });
            core.must(abi.ENTRY_SESSION_FREE, begin() as number);
            assert.equal(core.call(abi.ENTRY_ENTROPY_ADD, core.binding.put("x", 0, 1), 1, 0), 0);
            core.must(abi.ENTRY_SESSION_FREE, begin() as number);
            assert.equal(state().seedings, 2);
        });
    });

    describe("two boots with the same samples, the same chip and the same clock", () => {
        const same = (seed?: string): Partial<Port> => ({
            sources: [source(biasedBits(0.5, 16))],
            now: () => Date.UTC(2026, 6, 1),
            identity: Buffer.from(seed ?? "E66058388367"),
        });

        it("say the same: the simulation leaves nothing to chance", async () => {
            await open(same());
            const first = hello();
            const second = hello();
            assert.notEqual(first, second);
            core.close();
            await open(same());
            assert.deepEqual([hello(), hello()], [first, second]);
        });

        it("with another chip do not", async () => {
            await open(same());
            const first = hello();
            core.close();
            await open(same("E66058388368"));
            assert.notEqual(hello(), first);
        });

        it("with a saved seed do not, and no seed is found twice", async () => {
            const seeds: string[] = [];
            const hellos = new Set<string>();
            for (let boot = 0; boot < 4; boot += 1) {
                await open(same());
                const old = seeds.at(-1);
                const address = core.binding.put(old ?? "", 0, old?.length ?? 0);
                if (old) assert.equal(core.call(abi.ENTRY_ENTROPY_ADD, address, old.length, 0), 0);
                assert.equal(core.call(abi.ENTRY_ENTROPY_SAVE, address, 32), 0);
                seeds.push(core.binding.get(address, 32));
                hellos.add(hello());
                if (boot < 3) core.close();
            }
            assert.equal(new Set(seeds).size, 4);
            assert.equal(hellos.size, 4);
        });

        it("through open(): the store is read, replaced before use, and never left as it was", async () => {
            await open({});
            let stored: string | undefined;
            const log: string[] = [];
            const random: string[] = [];
            const store = {
                read: () => (log.push("read"), stored),
                write: (seed: string) => void (log.push("write"), (stored = seed)),
            };
            for (let boot = 0; boot < 3; boot += 1) {
                const before = stored;
                const other = await openPackage({ ...same(), seed: store });
                assert.deepEqual(log.splice(0), ["read", "write"]);
                assert.equal(stored?.length, 32);
                assert.notEqual(stored, before);
                random.push(stored ?? "");
                other.close();
            }
            assert.equal(new Set(random).size, 3);
            const dead = await openPackage({ sources: [], seed: store });
            assert.equal(stored, "", "used, and no new one could be made");
            dead.close();
        });

        it("a seed to be saved has 16 to 64 bytes", async () => {
            await open({});
            const at = core.binding.put("x".repeat(80), 0, 80);
            for (const length of [0, 1, 15, 65, 1000, -1]) {
                assert.equal(core.call(abi.ENTRY_ENTROPY_SAVE, at, length), "BAD_ARGUMENT");
            }
            assert.equal(core.call(abi.ENTRY_ENTROPY_SAVE, 0, 32), "BAD_ARGUMENT");
            for (const length of [16, 64]) assert.equal(core.call(abi.ENTRY_ENTROPY_SAVE, at, length), 0);
            assert.equal(core.binding.get(at + 64, 16), "x".repeat(16));
        });
    });

    describe("through tls.connect", () => {
        /** The error of a connection that is refused before it is made. */
        const refusal = async (sources: EntropySource[]): Promise<TlsError | undefined> => {
            const other = await openPackage({ sources });
            const { error } = await converse(other, { port: 1, ca: pki.ec.rootPem });
            other.close();
            return error;
        };

        it("the error names the source and the test", async () => {
            await open({});
            const stuck = await refusal([source(() => 1)]);
            assert.equal(stuck?.code, "ETLS_ENTROPY_FAILED");
            assert.match(stuck?.message ?? "", /source rosc failed its repetition count test at sample 61;/);
            const biased = await refusal([source(biasedBits(0.2, 17), { name: "adc" })]);
            assert.match(biased?.message ?? "", /source adc failed its adaptive proportion test at sample \d+;/);
        });

        it("and how much is missing", async () => {
            await open({});
            const none = await refusal([]);
            assert.equal(none?.code, "ETLS_NO_ENTROPY");
            assert.match(none?.message ?? "", /source \(none\) gave 0 of the 512 bits/);
            const dry = await refusal([source(() => 0, { name: "trng", poll: () => 0 })]);
            assert.match(dry?.message ?? "", /source trng gave 0 of the 512 bits/);
        });

        it("tls.entropy() shows the state", async () => {
            await open({});
            const other = await openPackage({ sources: [source(biasedBits(0.5, 18), { name: "jitter" })] });
            await converse(other, { port: 1, ca: pki.ec.rootPem });
            const now = other.tls.entropy();
            const [seen] = now?.sources ?? [];
            assert.equal(now?.seedings, 1);
            assert.equal(now?.wanted, 512);
            assert.deepEqual(
                { ...seen, longest: 0, most: 0 },
                {
                    name: "jitter", width: 1, credit: 8, samples: 1024, longest: 0, repetitions: 61, most: 0,
                    proportion: 810, window: 1024, failed: "",
                },
            );
            assert.ok(seen && seen.longest > 5 && seen.longest < 61 && seen.most > 600 && seen.most < 810);
            other.close();
        });
    });
});
