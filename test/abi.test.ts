// SPDX-License-Identifier: Apache-2.0
/** The C ABI against callers that do everything wrong: each call answers with a code. */
import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import * as abi from "../modules/abi.gen.ts";
import { sanitized } from "../wasm/etls-binary.js";
import type { CoreModule } from "../wasm/etls-core.js";
import { loadCore } from "../wasm/loader.ts";
import { makeMemory } from "../wasm/memory.ts";
import { Core, nameOf, PORT } from "./support/abi.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

const { CLIENT, SERVER } = abi;

/** Entries that take a context first, and a session. */
const OF_CONTEXTS = [
    abi.ENTRY_CONTEXT_SET, abi.ENTRY_CONTEXT_ADD_CA, abi.ENTRY_CONTEXT_ADD_CERT,
    abi.ENTRY_CONTEXT_SET_KEY, abi.ENTRY_CONTEXT_ADD_ALPN, abi.ENTRY_CONTEXT_FREE,
    abi.ENTRY_SESSION_NEW,
];
const OF_SESSIONS = [
    abi.ENTRY_SESSION_STEP, abi.ENTRY_SESSION_FEED, abi.ENTRY_SESSION_EOF, abi.ENTRY_SESSION_SENT,
    abi.ENTRY_SESSION_READ, abi.ENTRY_SESSION_WRITE, abi.ENTRY_SESSION_SHUTDOWN,
    abi.ENTRY_SESSION_GET, abi.ENTRY_SESSION_FREE,
];

describe("ABI: handles", () => {
    let pki: Pki;
    let core: Core;

    before(async () => {
        pki = await cachedPki();
    });

    beforeEach(async () => {
        core = await Core.open();
    });

    afterEach(() => core.close());

    /** What every entry of a kind says to a handle. */
    const answers = (entries: number[], handle: number): (string | number)[] => [
        ...new Set(entries.map((entry) => core.call(entry, handle))),
    ];

    it("a freed session is stale everywhere, and so is a freed context", () => {
        const context = core.context(CLIENT, pki.ec);
        const session = core.session(context, "localhost") as number;
        assert.equal(core.call(abi.ENTRY_SESSION_FREE, session), 0);
        assert.deepEqual(answers(OF_SESSIONS, session), ["STALE_HANDLE"]);
        assert.equal(core.call(abi.ENTRY_STAT, abi.STAT_IN_USE, session), "STALE_HANDLE");
        assert.equal(core.call(abi.ENTRY_REPORT, session, abi.REPORT_PEER), "STALE_HANDLE");
        assert.equal(core.call(abi.ENTRY_CONTEXT_FREE, context), 0);
        assert.deepEqual(answers(OF_CONTEXTS, context), ["STALE_HANDLE"]);
        assert.equal(core.stat(abi.STAT_IN_USE), 0);
    });

    it("a handle stays stale when its slot is used again", () => {
        const first = core.context(CLIENT);
        core.must(abi.ENTRY_CONTEXT_FREE, first);
        const second = core.context(CLIENT);
        assert.notEqual(second, first);
        assert.deepEqual(answers(OF_CONTEXTS, first), ["STALE_HANDLE"]);
        assert.equal(core.call(abi.ENTRY_CONTEXT_SET, second, abi.OPTION_VERIFY, 1), 0);
    });

    it("10,000 handles one after the other are all different", () => {
        const seen = new Set<number>();
        for (let i = 0; i < 10_000; i += 1) {
            const context = core.context(CLIENT);
            assert.ok(context > 0);
            seen.add(context);
            core.must(abi.ENTRY_CONTEXT_FREE, context);
        }
        assert.equal(seen.size, 10_000);
    });

    it("a context is no session and a session no context", () => {
        const context = core.context(CLIENT, pki.ec);
        const session = core.session(context, "localhost") as number;
        assert.deepEqual(answers(OF_SESSIONS, context), ["BAD_HANDLE"]);
        assert.deepEqual(answers(OF_CONTEXTS, session), ["BAD_HANDLE"]);
        assert.equal(core.call(abi.ENTRY_REPORT, context, abi.REPORT_PEER), "BAD_HANDLE");
        assert.ok(core.get(session, abi.GET_ERROR) === 0, "and both live on");
    });

    it("made-up and negative handles", () => {
        const context = core.context(CLIENT, pki.ec);
        const future = context + 128; // the same slot, one use later
        const slots = [80, 100, 127].map((slot) => 128 + slot);
        for (const handle of [0, -1, -context, 1, 127, future, ...slots, 0x7fffffff, -0x80000000]) {
            assert.deepEqual(answers(OF_SESSIONS, handle), ["BAD_HANDLE"], `${handle}`);
            assert.deepEqual(answers(OF_CONTEXTS, handle), ["BAD_HANDLE"], `${handle}`);
        }
        for (let i = 0; i < 5000; i += 1) {
            const handle = (Math.imul(i, 0x9e3779b1) >>> 0) | 0;
            if (handle !== context) assert.match(String(answers(OF_SESSIONS, handle)), /HANDLE$/);
        }
    });

    it("another core's handle", async () => {
        const other = await Core.open();
        const theirs = other.context(CLIENT);
        assert.deepEqual(answers(OF_CONTEXTS, theirs), ["BAD_HANDLE"]);
        other.close();
    });

    it("a context that is freed lives on for its sessions", () => {
        const server = core.context(SERVER, pki.ec);
        const client = core.context(CLIENT, pki.ec);
        const a = core.session(client, "localhost") as number;
        const b = core.session(server) as number;
        core.must(abi.ENTRY_CONTEXT_FREE, client);
        core.must(abi.ENTRY_CONTEXT_FREE, server);
        assert.equal(core.session(client, "localhost"), "STALE_HANDLE");
        core.shakeHands(a, b);
        core.must(abi.ENTRY_SESSION_FREE, a);
        core.must(abi.ENTRY_SESSION_FREE, b);
        assert.deepEqual([core.stat(abi.STAT_IN_USE), core.stat(abi.STAT_BLOCKS)], [0, 0]);
    });

    it("the 81st is refused, and one freed makes room for one", async () => {
        core.close();
        core = await Core.open(229_376);
        const handles = Array.from({ length: 80 }, () => core.context(CLIENT));
        assert.equal(core.stat(abi.STAT_HANDLES), 80);
        const inUse = core.stat(abi.STAT_IN_USE);
        assert.equal(core.call(abi.ENTRY_CONTEXT_NEW, CLIENT), "TOO_MANY_HANDLES");
        core.give(abi.ENTRY_CONTEXT_ADD_CA, handles[7]!, pki.ec.rootDer);
        assert.equal(core.session(handles[7]!, "localhost"), "TOO_MANY_HANDLES");
        core.must(abi.ENTRY_CONTEXT_FREE, handles[7]!);
        assert.ok(core.stat(abi.STAT_IN_USE) < inUse);
        handles[7] = core.context(CLIENT);
        assert.equal(core.stat(abi.STAT_IN_USE), inUse);
        handles.forEach((handle) => core.must(abi.ENTRY_CONTEXT_FREE, handle));
        assert.deepEqual([core.stat(abi.STAT_IN_USE), core.stat(abi.STAT_HANDLES)], [0, 0]);
    });
});

describe("ABI: cores", () => {
    const SIZE = 65536;
    let module: CoreModule;
    let arena: number;
    let memory: WebAssembly.Memory;

    const load = async (): Promise<void> => {
        memory = makeMemory(2 * SIZE, 0);
        module = await loadCore(memory, PORT);
        arena = (module._etls_wasm_reserve(2 * SIZE + 4096) + 4095) & ~4095;
    };
    beforeEach(load);

    /** Calls an entry with any first argument. */
    const raw = (entry: number, ...args: number[]): string | number => {
        const native = module[`_${abi.ENTRY_NAMES[entry]}` as `_etls_${string}`];
        return nameOf(native!(...[...args, 0, 0, 0, 0].slice(0, 4)));
    };

    it("tells its version and least arena before it is open", () => {
        assert.equal(raw(abi.ENTRY_ABI), abi.ABI_VERSION);
        assert.ok(Number(raw(abi.ENTRY_STAT, 0, abi.STAT_LEAST_ARENA)) > 1000);
        assert.equal(raw(abi.ENTRY_STAT, 0, abi.STAT_IN_USE), "BAD_CORE");
    });

    it("refuses arenas that are too small, misaligned or none", () => {
        const least = raw(abi.ENTRY_STAT, 0, abi.STAT_LEAST_ARENA) as number;
        for (const size of [0, 1, 8, 1000, least - 8, least - 1]) {
            assert.equal(raw(abi.ENTRY_OPEN, arena, size), "BAD_ARENA", `${size} bytes`);
        }
        for (const shift of [1, 2, 4, 7]) {
            assert.equal(raw(abi.ENTRY_OPEN, arena + shift, SIZE), "BAD_ARENA", `${shift} bytes off`);
        }
        assert.equal(raw(abi.ENTRY_OPEN, 0, SIZE), "BAD_ARENA");
        assert.equal(raw(abi.ENTRY_OPEN, arena, least), 0, "the least that it says does");
        assert.equal(raw(abi.ENTRY_CONTEXT_NEW, arena, CLIENT), "OUT_OF_MEMORY");
        assert.equal(raw(abi.ENTRY_STAT, arena, abi.STAT_IN_USE), 0);
    });

    it("only one core is open at a time", () => {
        assert.equal(raw(abi.ENTRY_OPEN, arena, SIZE), 0);
        const context = raw(abi.ENTRY_CONTEXT_NEW, arena, CLIENT) as number;
        assert.equal(raw(abi.ENTRY_OPEN, arena, SIZE), "BAD_STATE");
        assert.equal(raw(abi.ENTRY_OPEN, arena + SIZE, SIZE), "BAD_STATE");
        assert.equal(raw(abi.ENTRY_CLOSE, arena + SIZE), "BAD_CORE");
        assert.equal(raw(abi.ENTRY_CONTEXT_FREE, arena, context), 0, "the first goes on");
    });

    it("every entry refuses what is not the core", () => {
        raw(abi.ENTRY_OPEN, arena, SIZE);
        const context = raw(abi.ENTRY_CONTEXT_NEW, arena, CLIENT) as number;
        for (let entry = 0; entry < abi.ENTRY_NAMES.length; entry += 1) {
            if (entry === abi.ENTRY_ABI || entry === abi.ENTRY_OPEN) continue;
            for (const wrong of [0, 4, arena + 8, arena - 8, arena + SIZE]) {
                assert.equal(raw(entry, wrong, context), "BAD_CORE", abi.ENTRY_NAMES[entry]);
            }
        }
    });

    it("after etls_close() everything is BAD_CORE, the arena wiped, and it opens again", () => {
        raw(abi.ENTRY_OPEN, arena, SIZE);
        const context = raw(abi.ENTRY_CONTEXT_NEW, arena, CLIENT) as number;
        assert.equal(raw(abi.ENTRY_CLOSE, arena), 0);
        for (let entry = abi.ENTRY_CLOSE; entry < abi.ENTRY_NAMES.length; entry += 1) {
            assert.equal(raw(entry, arena, context), "BAD_CORE", abi.ENTRY_NAMES[entry]);
        }
        const bytes = new Uint8Array(memory.buffer, arena, SIZE);
        assert.ok(bytes.every((byte) => byte === 0));
        assert.equal(raw(abi.ENTRY_OPEN, arena, SIZE), 0);
        assert.equal(raw(abi.ENTRY_CONTEXT_FREE, arena, context), "BAD_HANDLE");
    });

    it("an overwritten core is noticed", () => {
        raw(abi.ENTRY_OPEN, arena, SIZE);
        new Uint8Array(memory.buffer, arena, 4).fill(0x55);
        assert.equal(raw(abi.ENTRY_STAT, arena, abi.STAT_IN_USE), "BAD_CORE");
        assert.equal(raw(abi.ENTRY_CLOSE, arena), "BAD_CORE");
    });

    it("the sanitizer sees a read of memory that is free", async function () {
        if (!sanitized) {
            console.log("      not run: this build has no sanitizer (the one in build/ has)");
            this.skip();
        }
        const { warn, error } = console;
        const said: unknown[] = [];
        console.warn = console.error = (...words) => void said.push(...words);
        try {
            await load(); // takes the console of the moment
            raw(abi.ENTRY_OPEN, arena, SIZE);
            const context = raw(abi.ENTRY_CONTEXT_NEW, arena, CLIENT) as number;
            const free = arena + SIZE - 4096;
            assert.throws(() => raw(abi.ENTRY_CONTEXT_ADD_CA, arena, context, free, 600), () => true);
        } finally {
            Object.assign(console, { warn, error });
        }
        assert.match(said.join("\n"), /AddressSanitizer: use-after-poison/);
    });
});
