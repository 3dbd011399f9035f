// SPDX-License-Identifier: Apache-2.0
/**
 * The C ABI for tests: its numbers as in native/include/etls.h, without the modules above it.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
    AGAIN, ENTRY_CONTEXT_ADD_CA, ENTRY_CONTEXT_ADD_CERT, ENTRY_CONTEXT_NEW, ENTRY_CONTEXT_SET_KEY,
    ENTRY_SESSION_FEED, ENTRY_SESSION_GET, ENTRY_SESSION_NEW, ENTRY_SESSION_READ,
    ENTRY_SESSION_SENT, ENTRY_SESSION_STEP, ENTRY_STAT, ESTABLISHED, GET_DATA, GET_DATA_SIZE,
    GET_OUTPUT_DATA, GET_OUTPUT_SIZE, HAS_OUTPUT, SERVER,
} from "../../modules/abi.gen.ts";
import { ERRORS } from "../../modules/errors.gen.ts";
import { bindHost } from "./host.ts";
import type { OpenBinding } from "../../wasm/binding.ts";
import type { Port } from "../../wasm/loader.ts";
import type { Identity } from "./pki.ts";

/** Entropy that is none, for tests that nobody attacks. */
export const PORT: Port = {
    random: (out) => {
        for (let at = 0; at < out.length; at += 1) out[at] = Math.floor(Math.random() * 256);
        return true;
    },
    now: () => Date.now(),
};

const NAMES = new Map<number, string>(
    Object.entries(ERRORS).map(([code, entry]) => [Number(code), entry?.[0] ?? ""]),
);

/** A result as its name, where it is an error: `BAD_HANDLE`. */
export function nameOf(result: number): string | number {
    return NAMES.get(result) ?? result;
}

/** A core and short ways to call it. */
export class Core {
    readonly binding: OpenBinding;

    constructor(binding: OpenBinding) {
        this.binding = binding;
    }

    static async open(arena = 65536, port: Partial<Port> = {}, store = 0): Promise<Core> {
        return new Core(await bindHost(arena, store, { ...PORT, ...port }));
    }

    /** Calls an entry; errors come as names. */
    call(entry: number, a = 0, b = 0, c = 0): string | number {
        return nameOf(this.binding.call(entry, a, b, c));
    }

    /** Calls an entry that takes a handle and bytes. */
    give(entry: number, handle: number, data: string | Uint8Array): string | number {
        return this.call(entry, handle, this.binding.put(data, 0, data.length), data.length);
    }

    /** The same for one that must work. */
    must(entry: number, a = 0, b = 0, c = 0): number {
        const result = this.call(entry, a, b, c);
        assert.equal(typeof result, "number", `entry ${entry}: ${result}`);
        return result as number;
    }

    stat(id: number, handle = 0): number {
        return this.must(ENTRY_STAT, id, handle);
    }

    /** A context with what it needs of an identity: its root, or with `SERVER` its chain and key. */
    context(role: number, identity?: Identity): number {
        const context = this.must(ENTRY_CONTEXT_NEW, role);
        if (identity && role === SERVER) {
            this.identify(context, identity);
        } else if (identity) {
            assert.equal(this.give(ENTRY_CONTEXT_ADD_CA, context, identity.rootDer), 0);
        }
        return context;
    }

    /** Gives a context its chain and key. */
    identify(context: number, identity: Identity): void {
        for (const pem of identity.chainPem.split(/(?<=-----END CERTIFICATE-----\n)/)) {
            if (pem) assert.equal(this.give(ENTRY_CONTEXT_ADD_CERT, context, derOf(pem)), 0);
        }
        assert.equal(this.give(ENTRY_CONTEXT_SET_KEY, context, identity.keyDer), 0);
    }

    session(context: number, host = ""): string | number {
        return this.give(ENTRY_SESSION_NEW, context, host);
    }

    get(session: number, what: number): number {
        return this.binding.call(ENTRY_SESSION_GET, session, what, 0);
    }

    /** Takes what waits to be sent. */
    output(session: number): string {
        const size = this.get(session, GET_OUTPUT_SIZE);
        const data = this.binding.get(this.get(session, GET_OUTPUT_DATA), size);
        assert.equal(this.call(ENTRY_SESSION_SENT, session, size), 0);
        return data;
    }

    /** Takes the plaintext that waits. */
    data(session: number): string {
        const size = this.get(session, GET_DATA_SIZE);
        const data = this.binding.get(this.get(session, GET_DATA), size);
        assert.equal(this.call(ENTRY_SESSION_READ, session, size), 0);
        return data;
    }

    /** Steps on until there is output or nothing more to do; returns the last result. */
    run(session: number): number {
        for (let turns = 0; ; turns += 1) {
            assert.ok(turns < 1000, "the session never comes to rest");
            const state = this.binding.call(ENTRY_SESSION_STEP, session, 0, 0);
            if (state < 0 || state & HAS_OUTPUT || !(state & AGAIN)) return state;
        }
    }

    /** Carries everything from one session to another, which may be another core's. */
    carry(from: number, to: number, other: Core = this): number {
        let carried = 0;
        for (;;) {
            this.run(from);
            const output = this.output(from);
            if (output === "") return carried;
            carried += output.length;
            other.feed(to, output);
        }
    }

    /** Feeds everything, with the steps that this needs. */
    feed(session: number, data: string): void {
        for (let at = 0; at < data.length; ) {
            const length = Math.min(data.length - at, this.binding.window);
            const address = this.binding.put(data, at, length);
            const taken = this.binding.call(ENTRY_SESSION_FEED, session, address, length);
            if (taken < 0) return;
            at += taken;
            const state = this.run(session);
            if (state < 0 || (taken === 0 && !(state & AGAIN))) return;
        }
    }

    /** Lets two sessions shake hands; both are then established. */
    shakeHands(client: number, server: number): void {
        while (this.carry(client, server) + this.carry(server, client) > 0);
        assert.ok(this.run(client) & ESTABLISHED, `client: ${nameOf(this.run(client))}`);
        assert.ok(this.run(server) & ESTABLISHED, `server: ${nameOf(this.run(server))}`);
    }

    close(): void {
        this.binding.close();
    }
}

/** The DER of one PEM block. */
export function derOf(pem: string): Uint8Array {
    return Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
}
