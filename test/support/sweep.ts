// SPDX-License-Identifier: Apache-2.0
/**
 * A whole life of one end of a connection, from its context to its goodbye, with one chosen
 * allocation refused; the other end is a second core, and the test carries the bytes.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as abi from "../../modules/abi.gen.ts";
import { Core, derOf } from "./abi.ts";
import { makeChain, type Link } from "./own-chain.ts";
import { cachedPki } from "./pki.ts";

const { CLIENT, SERVER } = abi;

/** What an end shows and whom it trusts, in DER. */
export interface Papers {
    chain: Uint8Array[];
    key: Uint8Array;
    root: Uint8Array;
}

/** One kind of connection, for both ends; each shows its papers and wants the other's. */
export interface Kind {
    name: string;
    server: Papers;
    client: Papers;
}

const ders = (pem: string): Uint8Array[] =>
    pem.split(/(?<=-----END CERTIFICATE-----\n)/).filter(Boolean).map(derOf);

async function shortChain(usage: string): Promise<Papers> {
    const extensions = ["subjectAltName=DNS:localhost", `extendedKeyUsage=${usage}`];
    const links: Link[] = [{ cn: "root" }, { cn: "leaf", extensions }];
    const { chainPem, keyPem, rootPem } = await makeChain(links);
    return { chain: ders(chainPem), key: derOf(keyPem), root: derOf(rootPem) };
}

/** P-256 leaves right below their roots; and RSA-2048 leaves and intermediates below an RSA-4096 root. */
export async function kinds(): Promise<{ ec: Kind; rsa: Kind }> {
    const [pki, server, client] = await Promise.all([
        cachedPki(), shortChain("serverAuth"), shortChain("clientAuth"),
    ]);
    const papers = ({ chainPem, keyDer, rootDer }: typeof pki.rsa): Papers =>
        ({ chain: ders(chainPem), key: keyDer, root: rootDer });
    const rsa = { name: "rsa", server: papers(pki.rsa), client: papers(pki.clients.rsa) };
    return { ec: { name: "ec", server, client }, rsa };
}

/** Which connection, and which end of it is looked at. */
export interface Case {
    kind: Kind;
    version: 0x303 | 0x304;
    role: typeof CLIENT | typeof SERVER;
    /** The client shows no certificate, and is not asked for one. */
    anonymous?: true;
}

/** What is swept; `kind` is one of {@link kinds}. */
export const CASES = (["ec", "rsa"] as const).flatMap((kind) =>
    ([0x303, 0x304] as const).flatMap((version) =>
        ([CLIENT, SERVER] as const).map((role) => ({
            name: `TLS 1.${version - 0x301}, ${kind}, ${role === CLIENT ? "client" : "server"}`,
            kind, version, role,
        })),
    ),
);

/** A call of the core was refused for want of memory. */
class Refused extends Error {}

/** The error is remembered until somebody asks; what is no want of memory fails the test. */
function check(result: string | number): number {
    if (result === "OUT_OF_MEMORY") throw new Refused();
    assert.equal(typeof result, "number", String(result));
    return result as number;
}

/** What an end shows of itself, and the root that it trusts. */
function papersOf({ kind, anonymous }: Case, role: number): { own: Papers | undefined; root: Uint8Array | undefined } {
    if (role === CLIENT) return { own: anonymous ? undefined : kind.client, root: kind.server.root };
    return { own: kind.server, root: anonymous ? undefined : kind.client.root };
}

/** Makes a context for that end. */
function makeContext(core: Core, one: Case, role: number): number {
    const { own, root } = papersOf(one, role);
    const context = check(core.call(abi.ENTRY_CONTEXT_NEW, role));
    try {
        for (const option of [abi.OPTION_MIN_VERSION, abi.OPTION_MAX_VERSION]) {
            check(core.call(abi.ENTRY_CONTEXT_SET, context, option, one.version));
        }
        const verify = root ? abi.VERIFY_REQUIRED : abi.VERIFY_NONE;
        check(core.call(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_VERIFY, verify));
        if (root) check(core.give(abi.ENTRY_CONTEXT_ADD_CA, context, root));
        for (const der of own?.chain ?? []) check(core.give(abi.ENTRY_CONTEXT_ADD_CERT, context, der));
        if (own) check(core.give(abi.ENTRY_CONTEXT_SET_KEY, context, own.key));
        check(core.give(abi.ENTRY_CONTEXT_ADD_ALPN, context, "echo"));
        return context;
    } catch (error) {
        core.must(abi.ENTRY_CONTEXT_FREE, context);
        throw error;
    }
}

/** The other end: a core with much memory, whose context lives on. */
export class Peer {
    readonly core: Core;
    private readonly contexts = new Map<string, number>();

    constructor(core: Core) {
        this.core = core;
    }

    /** Makes a session for the end that meets `one`. */
    session(one: Case): number {
        const role = one.role === CLIENT ? SERVER : CLIENT;
        const key = `${one.kind.name} ${one.version} ${role} ${one.anonymous}`;
        const context = this.contexts.get(key) ?? makeContext(this.core, one, role);
        this.contexts.set(key, context);
        return check(this.core.session(context, role === CLIENT ? "localhost" : ""));
    }
}

/** Both sessions of a connection. */
interface Ends {
    core: Core;
    own: number;
    peer: Core;
    other: number;
}

/** Carries bytes until nothing moves; throws when the own end has failed. */
function carry({ core, own, peer, other }: Ends): void {
    for (let moved = true; moved; ) {
        const state = core.run(own);
        const up = core.output(own);
        peer.feed(other, up);
        peer.run(other);
        const down = peer.output(other);
        if (state < 0) {
            const error = core.call(abi.ENTRY_SESSION_STEP, own);
            assert.equal(error, core.call(abi.ENTRY_SESSION_WRITE, own, 0, 0), "the error stays");
            check(error);
        }
        core.feed(own, down);
        moved = up.length + down.length > 0;
    }
}

/** Calls something that may run out of memory and be tried again, at once. */
function twice(call: () => string | number): number {
    const result = call();
    return check(result === "OUT_OF_MEMORY" ? call() : result);
}

function report(core: Core, session: number, id: number): string {
    const length = twice(() => core.call(abi.ENTRY_REPORT, session, id));
    const text = core.binding.get(core.must(abi.ENTRY_REPORT_DATA), length);
    core.must(abi.ENTRY_REPORT, 0, 0);
    return text;
}

const QUESTION = "a question ".repeat(30);
const ANSWER = "an answer ".repeat(200);

/** Says something, hears the answer, and the reports. */
function exchange(ends: Ends): string {
    const { core, own, peer, other } = ends;
    assert.equal(twice(() => core.give(abi.ENTRY_SESSION_WRITE, own, QUESTION)), QUESTION.length);
    carry(ends);
    assert.equal(peer.data(other), QUESTION);
    assert.equal(peer.give(abi.ENTRY_SESSION_WRITE, other, ANSWER), ANSWER.length);
    carry(ends);
    assert.equal(core.data(own), ANSWER);
    return report(core, own, abi.REPORT_SESSION) + report(core, own, abi.REPORT_PEER);
}

/** Goodbyes, the own one first. */
function close(ends: Ends): void {
    const { core, own, peer, other } = ends;
    twice(() => core.call(abi.ENTRY_SESSION_SHUTDOWN, own));
    carry(ends);
    peer.must(abi.ENTRY_SESSION_SHUTDOWN, other);
    carry(ends);
    assert.ok(core.must(abi.ENTRY_SESSION_STEP, own) & abi.PEER_CLOSED);
    assert.equal(core.call(abi.ENTRY_SESSION_EOF, own), 0);
}

/** Lives once; returns what it learned of the peer, or undefined when it ran out of memory. */
export function live(core: Core, peer: Peer, one: Case): string | undefined {
    const other = peer.session(one);
    let context = 0;
    let own = 0;
    try {
        context = makeContext(core, one, one.role);
        own = check(core.session(context, one.role === CLIENT ? "localhost" : ""));
        const ends = { core, own, peer: peer.core, other };
        carry(ends);
        assert.ok(core.run(own) & abi.ESTABLISHED, "the handshake came to its end");
        const learned = exchange(ends);
        close(ends);
        return learned;
    } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return undefined;
    } finally {
        // What could not be freed is seen by assertEmpty(); an error must not hide another one.
        if (own) core.call(abi.ENTRY_SESSION_FREE, own);
        if (context) core.call(abi.ENTRY_CONTEXT_FREE, context);
        peer.core.call(abi.ENTRY_SESSION_FREE, other);
    }
}

/** Begins a client's connection and gives it up after its hello; returns the bytes of that. */
export function begin(core: Core, one: Case): number {
    const context = makeContext(core, one, CLIENT);
    const own = check(core.session(context, "localhost"));
    core.run(own);
    const { length } = core.output(own);
    core.must(abi.ENTRY_SESSION_FREE, own);
    core.must(abi.ENTRY_CONTEXT_FREE, context);
    return length;
}

/** Asserts that the arena is as it was when it was new. */
export function assertEmpty(core: Core, largest: number, what: string): void {
    const left = [abi.STAT_IN_USE, abi.STAT_BLOCKS, abi.STAT_HANDLES].map((id) => core.stat(id));
    assert.deepEqual([...left, core.stat(abi.STAT_LARGEST_FREE)], [0, 0, 0, largest], what);
}

/**
 * Refuses each `step`-th allocation of a life, beginning with number `first`: each time it ends in
 * OUT_OF_MEMORY, the arena is empty after it, and the next connection works. With `fresh` each life
 * has a new core, to meet what is allocated but once.
 *
 * @param most ends before that allocation
 * @returns how many were refused
 */
export async function sweep(
    one: Case, next: Case, first: number, step: number, most = Infinity, fresh = false,
): Promise<number> {
    const peer = new Peer(await Core.open(1 << 17));
    let core = await Core.open();
    const largest = core.stat(abi.STAT_LARGEST_FREE);
    const expected = fresh ? undefined : live(core, peer, one);
    let faults = 0;
    for (let number = first; number < most; number += step) {
        const what = `allocation ${number}`;
        core.must(abi.ENTRY_STAT_RESET);
        core.must(abi.ENTRY_FAULT, number);
        const learned = live(core, peer, one);
        if (core.must(abi.ENTRY_FAULT, 0) > 0) break; // behind the last one
        faults += 1;
        assert.equal(core.stat(abi.STAT_REFUSED), 1, what);
        assert.equal(learned, learned && expected, `${what}: it went on, but not as it should`);
        assertEmpty(core, largest, what);
        assert.ok(live(core, peer, next), `the connection after ${what}`);
        assertEmpty(core, largest, `the connection after ${what}`);
        if (fresh) {
            core.close();
            core = await Core.open();
        }
    }
    core.close();
    peer.core.close();
    return faults;
}
