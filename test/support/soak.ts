// SPDX-License-Identifier: Apache-2.0
/**
 * Many connections, one after the other, in an arena that is hardly larger than one of them needs: what an
 * allocator that fragments, or a byte that is lost, does not endure.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as abi from "../../modules/abi.gen.ts";
import { Core } from "./abi.ts";
import { cachedPki, type Identity, type Pki } from "./pki.ts";

const { CLIENT, SERVER } = abi;

/** A kind of server, and what the client asks it for. */
interface Kind {
    identity: Identity;
    version: number;
    /** Bytes of plaintext in a record that are asked for, 16384 for any. */
    fragment: number;
}

/** All kinds: EC and RSA, TLS 1.2 and 1.3, with and without a length asked for. */
const allKinds = (pki: Pki): Kind[] =>
    [pki.ec, pki.rsa].flatMap((identity) =>
        [0x303, 0x304].flatMap((version) => [1024, 16384].map((fragment) => ({ identity, version, fragment }))),
    );

/** A core with one context for each kind. */
class End {
    readonly core: Core;
    readonly contexts: number[] = [];
    private readonly role: number;

    constructor(core: Core, role: number) {
        this.core = core;
        this.role = role;
    }

    /** False when there is no room for all. */
    prepare(kinds: Kind[]): boolean {
        for (const { identity, version, fragment } of kinds) {
            const context = this.core.call(abi.ENTRY_CONTEXT_NEW, this.role);
            if (typeof context !== "number") return false;
            this.contexts.push(context);
            const asked = this.role === CLIENT ? fragment : 16384;
            const options = [[abi.OPTION_MIN_VERSION, version], [abi.OPTION_MAX_VERSION, version], [abi.OPTION_MAX_FRAGMENT, asked]] as const;
            for (const [option, value] of options) this.core.must(abi.ENTRY_CONTEXT_SET, context, option, value);
            if (this.role === SERVER) this.core.identify(context, identity);
            else if (this.core.give(abi.ENTRY_CONTEXT_ADD_CA, context, identity.rootDer) !== 0) return false;
        }
        return true;
    }
}

/** Connects once and sends 900 bytes there and back; false when the client runs out of memory. */
function connect(client: End, server: End, kind: number): boolean {
    const own = client.core.session(client.contexts[kind] ?? 0, "localhost");
    const other = server.core.session(server.contexts[kind] ?? 0) as number;
    const carry = (): number => {
        let bytes = 0;
        for (let more = 1; more > 0; bytes += more) {
            more = client.core.carry(own as number, other, server.core) + server.core.carry(other, own as number, client.core);
        }
        return bytes;
    };
    const talk = (): boolean => {
        if (typeof own !== "number") return false;
        carry();
        if (!(client.core.run(own) & abi.ESTABLISHED) || client.core.get(own, abi.GET_ERROR) !== 0) return false;
        const data = "x".repeat(900);
        if (client.core.give(abi.ENTRY_SESSION_WRITE, own, data) !== data.length) return false;
        carry();
        server.core.give(abi.ENTRY_SESSION_WRITE, other, server.core.data(other));
        carry();
        return client.core.get(own, abi.GET_ERROR) === 0 && client.core.data(own) === data;
    };
    const good = talk();
    if (!good) assert.ok(client.core.stat(abi.STAT_REFUSED) > 0, "it fails for want of memory only");
    if (typeof own === "number") client.core.must(abi.ENTRY_SESSION_FREE, own);
    server.core.must(abi.ENTRY_SESSION_FREE, other);
    return good;
}

/** Opens a client in an arena of so many bytes; undefined when its contexts do not fit. */
async function openClient(kinds: Kind[], arena: number): Promise<End | undefined> {
    const client = new End(await Core.open(arena), CLIENT);
    if (client.prepare(kinds)) return client;
    client.core.close();
    return undefined;
}

/** What a soak has found. */
export interface Soak {
    /** The least arena in which a connection of each kind passes, bytes, to 64. */
    least: number;
    /** The arena of the soak. */
    arena: number;
    connections: number;
}

/**
 * Finds the least arena, adds 5 %, and connects so many times in it, to kinds of servers in an
 * order like chance: each must pass, and after each all is as it was, in bytes and in pieces.
 */
export async function soak(connections: number): Promise<Soak> {
    const kinds = allKinds(await cachedPki());
    const server = new End(await Core.open(1 << 17), SERVER);
    assert.ok(server.prepare(kinds));
    const enough = async (arena: number): Promise<boolean> => {
        const client = await openClient(kinds, arena);
        const good = client !== undefined && kinds.every((_, kind) => connect(client, server, kind));
        client?.core.close();
        return good;
    };
    let [low, least] = [8192, 65536];
    while (least - low > 64) {
        const middle = (low + least) / 2;
        if (await enough(middle)) least = middle;
        else low = middle;
    }
    const arena = Math.ceil((least * 1.05) / 8) * 8;
    const client = await openClient(kinds, arena);
    assert.ok(client);
    const state = (): number[] =>
        [abi.STAT_IN_USE, abi.STAT_BLOCKS, abi.STAT_LARGEST_FREE].map((id) => client.core.stat(id));
    const before = state();
    for (let number = 0, kind = 0; number < connections; number += 1) {
        kind = number < kinds.length ? number : (kind * 5 + 3 + Math.floor(Math.random() * 2)) % kinds.length;
        assert.ok(connect(client, server, kind), `connection ${number}, kind ${kind}, in ${arena} bytes`);
        if (number > kinds.length) assert.deepEqual(state(), before, `after connection ${number}, kind ${kind}`);
        else before.splice(0, 3, ...state()); // the first use of a context leaves something with it
    }
    client.core.close();
    server.core.close();
    return { least, arena, connections };
}
