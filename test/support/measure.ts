// SPDX-License-Identifier: Apache-2.0
/**
 * Memory figures of the core, measured on real handshakes with Node's own TLS server.
 *
 * They repeat exactly: the certificates are those of test/data, at a fixed time, and what still
 * varies by a byte (the length of the server's ECDSA signature) is evened out by taking the most
 * of several handshakes.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { OpenBinding } from "../../wasm/binding.ts";
import type { EspruinoTls } from "../../wasm/node.ts";
import type { MemoryUsage } from "../../modules/memory.ts";
import type { SecureContext } from "../../modules/context.ts";
import type { TLSSocket } from "../../modules/tls_socket.ts";
import { openHost } from "./host.ts";
import { nodeTlsServer } from "./node-servers.ts";
import type { Identity } from "./pki.ts";
import type { Server, Version } from "./servers.ts";

/** The suite of all figures: AES-128-GCM, as the published ones of others. */
export const CIPHERS =
    "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
const HANDSHAKES = 8;
/** Milliseconds that a handshake may take on an emulated chip, on a busy machine. */
const PATIENCE = 300000;
const MB = 1024 * 1024;

/** Shapes of chains, see pki-shapes.ts. */
export type Chain = "ec" | "rsa";

/** Figures by name, bytes or counts. */
export type Figures = Record<string, number>;

/** Within the validity of the certificates in test/data. */
export const NOW = Date.parse("2026-12-01T00:00:00Z");

/** A file of test/data. */
export const read = (name: string): string => readFileSync(new URL(`../../../test/data/${name}`, import.meta.url), "utf8");

/** What a server needs of an identity, from test/data: shapes as in pki-shapes.ts. */
export function fixedIdentity(chain: Chain): Identity {
    const keyPem = read(`memory-${chain}-key.pem`);
    return { keyPem, chainPem: read(`memory-${chain}-chain.pem`), weak: false } as Identity;
}

/** Sees a binding as soon as it is open. */
export type See = (binding: OpenBinding) => void;

/** Opens a core whose clock stands still. */
export function openFixed(arena: number, host = "wasm", see?: See): Promise<EspruinoTls> {
    return openHost({ arena, store: 65536, now: () => NOW }, host, see);
}

/** A server that sends `length` bytes for each byte that it gets. */
export async function serve(chain: Chain, version: Version, length = 1, ciphers = CIPHERS): Promise<Server> {
    return nodeTlsServer({
        identity: fixedIdentity(chain),
        version,
        tls: { ciphers },
        accept: (socket) => {
            socket.on("data", (data: Buffer) => socket.write(Buffer.alloc(length * data.length)));
        },
    });
}

/** A context that trusts the root of a chain, or its intermediate. */
export function trust(core: EspruinoTls, chain: Chain, anchor: "root" | "intermediate" = "root"): SecureContext {
    const [, intermediate] = read(`memory-${chain}-chain.pem`).split(/(?<=-----END CERTIFICATE-----\n)/);
    return core.tls.createSecureContext({ ca: anchor === "root" ? read(`memory-${chain}-root.pem`) : intermediate });
}

/** Connects and waits for the answer to one byte; the connection stays open. */
export function connect(
    core: EspruinoTls,
    secureContext: SecureContext,
    port: number,
    length = 1,
): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
        const options = { host: "localhost", port, secureContext, handshakeTimeout: PATIENCE };
        const socket = core.tls.connect(options, () => socket.write("x"));
        socket.on("data", () => {
            if (socket.bytesRead === length) resolve(socket);
        });
        socket.on("error", reject);
    });
}

/** Ends a connection and waits until its memory is back. */
export async function disconnect(socket: TLSSocket): Promise<void> {
    const closed = new Promise<void>((resolve) => void socket.on("close", () => resolve()));
    socket.destroy();
    await closed;
}

/** The peaks of one handshake, its phases and the exchange of one byte; the most of some. */
export async function measureHandshake(
    chain: Chain,
    version: Version,
    host = "wasm",
    handshakes = HANDSHAKES,
    see?: See,
): Promise<Figures> {
    const prefix = `${host}.tls${version.replace(".", "")}.${chain}`;
    const server = await serve(chain, version);
    const most: Figures = {};
    const keep = (name: string, value: number): void => {
        most[name] = Math.max(most[name] ?? 0, value);
    };
    for (let i = 0; i < handshakes; i += 1) {
        const core = await openFixed(65536, host, see);
        const context = trust(core, chain);
        const socket = await connect(core, context, server.port);
        const usage: MemoryUsage = core.memory();
        keep(`heap.${prefix}.peak`, usage.peak);
        keep(`alloc.${prefix}.count`, Math.ceil(socket.memory().allocations / 100) * 100);
        for (const [phase, bytes] of Object.entries(usage.phases)) {
            keep(`heap.${prefix}.${phase.toLowerCase()}`, bytes);
        }
        const second = await connect(core, context, server.port);
        keep(`heap.${prefix}.idle`, core.memory().inUse - usage.inUse);
        await disconnect(second);
        await disconnect(socket);
        core.close();
    }
    await server.close();
    return most;
}

/** Bytes in use with ten idle connections. */
async function measureTen(): Promise<Figures> {
    const server = await serve("ec", "1.2");
    const core = await openFixed(65536);
    const context = trust(core, "ec");
    const sockets = [];
    for (let i = 0; i < 10; i += 1) sockets.push(await connect(core, context, server.port));
    const inUse = core.memory().inUse;
    for (const socket of sockets) await disconnect(socket);
    core.close();
    await server.close();
    return { "heap.wasm.idle10": inUse };
}

/** The peak of a download of 1 MB in records of 16 KB, after the handshake. */
async function measureDownload(): Promise<Figures> {
    const server = await serve("ec", "1.2", MB);
    const core = await openFixed(65536);
    const socket = await connect(core, trust(core, "ec"), server.port, MB);
    const peak = core.memory().peak;
    await disconnect(socket);
    core.close();
    await server.close();
    return { "heap.wasm.download1m.peak": peak };
}

/** True when a handshake passes in an arena of so many bytes. */
async function passes(chain: Chain, port: number, arena: number): Promise<boolean> {
    const core = await openFixed(arena);
    try {
        await disconnect(await connect(core, trust(core, chain), port));
        return true;
    } catch {
        return false;
    } finally {
        core.close();
    }
}

/** The least arena in which a handshake passes each time, to 64 bytes. */
export async function leastArena(chain: Chain, version: Version): Promise<number> {
    const server = await serve(chain, version);
    let low = 4096;
    let high = 32768;
    while (high - low > 64) {
        const middle = Math.ceil((low + high) / 128) * 64;
        let good = true;
        for (let i = 0; i < 3 && good; i += 1) good = await passes(chain, server.port, middle);
        if (good) high = middle;
        else low = middle;
    }
    await server.close();
    return high;
}

/** All memory figures. */
export async function measureMemory(): Promise<Figures> {
    const figures: Figures = {};
    for (const version of ["1.2", "1.3"] as const) {
        for (const chain of ["ec", "rsa"] as const) {
            Object.assign(figures, await measureHandshake(chain, version));
        }
    }
    Object.assign(figures, await measureTen(), await measureDownload());
    const core = await openFixed(65536);
    figures["heap.wasm.core"] = core.memory().overhead;
    core.close();
    return figures;
}
