// SPDX-License-Identifier: Apache-2.0
/**
 * A whole connection on a host, with the state of the heap after each call: what the hosts are compared by.
 * Everything that varies is fixed: certificates, time and the noise of both ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as abi from "../../modules/abi.gen.ts";
import type { OpenBinding } from "../../wasm/binding.ts";
import type { Port } from "../../wasm/loader.ts";
import { Core, derOf } from "./abi.ts";
import { bindHost } from "./host.ts";
import { cachedPki } from "./pki.ts";
import type { Identity, Pki } from "./pki.ts";
import { source, uniform } from "./sources.ts";

/** What is compared after each call. */
const STATS = [abi.STAT_IN_USE, abi.STAT_PEAK, abi.STAT_ALLOCATIONS, abi.STAT_BLOCKS, abi.STAT_TRACE];

/** Entries whose results are addresses, which differ from host to host. */
const ADDRESSES = [abi.GET_OUTPUT_DATA, abi.GET_DATA];

/** One call and what it left behind. */
export interface Traced {
    /** The entry's name, its result and the figures of the heap. */
    call: string;
    /** Bytes in use after it. */
    inUse: number;
    /** The most that were in use so far. */
    peak: number;
}

/** What to connect with. */
export interface Scenario {
    version: "1.2" | "1.3";
    chain: "ec" | "rsa";
    clientCertificate?: boolean;
}

const NOW = Date.now();
const VERSIONS = { "1.2": 0x0303, "1.3": 0x0304 };

/** A port whose noise is the same in every run and of the kind that boards have. */
function fixedPort(seed: number): Port {
    const next = uniform(seed);
    return {
        random: () => false,
        now: () => NOW,
        sources: [source(() => (next() < 0.5 ? 0 : 1), { credit: 4 })],
    };
}

/** Gives a client's context its own chain and key. */
function identify(core: Core, context: number, identity: Identity): void {
    for (const pem of identity.chainPem.split(/(?<=-----END CERTIFICATE-----\n)/)) {
        if (pem) assert.equal(core.give(abi.ENTRY_CONTEXT_ADD_CERT, context, derOf(pem)), 0);
    }
    assert.equal(core.give(abi.ENTRY_CONTEXT_SET_KEY, context, identity.keyDer), 0);
}

/** Makes a context of both ends' settings. */
function contextOf(core: Core, role: number, pki: Pki, scenario: Scenario): number {
    const { version, chain, clientCertificate } = scenario;
    const context = core.context(role, pki[chain]);
    core.must(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_MIN_VERSION, VERSIONS[version]);
    core.must(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_MAX_VERSION, VERSIONS[version]);
    if (!clientCertificate) return context;
    if (role === abi.CLIENT) {
        identify(core, context, pki.clients[chain]);
    } else {
        core.must(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_VERIFY, abi.VERIFY_REQUIRED);
        assert.equal(core.give(abi.ENTRY_CONTEXT_ADD_CA, context, pki.clients[chain].rootDer), 0);
    }
    return context;
}

/** Writes down each call of a binding until it is told to stop. */
function trace(binding: OpenBinding): { traced: Traced[]; stop: () => void } {
    const traced: Traced[] = [];
    const call = binding.call.bind(binding);
    binding.call = (entry, a, b, c) => {
        const result = call(entry, a, b, c);
        const figures = STATS.map((stat) => call(abi.ENTRY_STAT, stat, 0, 0));
        const address = entry === abi.ENTRY_SESSION_GET && ADDRESSES.includes(b);
        const text = `${abi.ENTRY_NAMES[entry]} → ${address ? "address" : result}: ${figures.join(", ")}`;
        traced.push({ call: text, inUse: figures[0] ?? 0, peak: figures[1] ?? 0 });
        return result;
    };
    const stop = (): void => {
        binding.call = call;
    };
    return { traced, stop };
}

/** Handshake, an exchange of 100 bytes each way, goodbye: the client's calls on a host. */
export async function traceConnection(host: string, scenario: Scenario): Promise<Traced[]> {
    const binding = await bindHost(65536, 0, fixedPort(1), host);
    const client = new Core(binding);
    const server = new Core(await bindHost(131072, 0, fixedPort(2), "wasm"));
    const pki = await cachedPki();
    const accepting = contextOf(server, abi.SERVER, pki, scenario);
    const { traced, stop } = trace(binding);
    const context = contextOf(client, abi.CLIENT, pki, scenario);
    const ours = client.session(context, "localhost") as number;
    const theirs = server.session(accepting) as number;
    const exchange = (): void => {
        while (client.carry(ours, theirs, server) + server.carry(theirs, ours, client) > 0);
    };
    exchange();
    assert.ok(client.run(ours) & abi.ESTABLISHED, "the client is not there");
    assert.ok(server.run(theirs) & abi.ESTABLISHED, "the server is not there");
    assert.equal(client.give(abi.ENTRY_SESSION_WRITE, ours, "x".repeat(100)), 100);
    exchange();
    assert.equal(server.give(abi.ENTRY_SESSION_WRITE, theirs, server.data(theirs)), 100);
    exchange();
    assert.equal(client.data(ours), "x".repeat(100));
    client.must(abi.ENTRY_SESSION_SHUTDOWN, ours);
    exchange();
    client.must(abi.ENTRY_SESSION_FREE, ours);
    client.must(abi.ENTRY_CONTEXT_FREE, context);
    stop();
    client.close();
    server.close();
    return traced;
}
