// SPDX-License-Identifier: Apache-2.0
/**
 * One HTTPS request on a core of its own, with everything that can be told about it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Transport } from "../modules/host.ts";
import type { IncomingMessage, RequestOptions } from "../modules/https.ts";
import type { MemoryPhases } from "../modules/memory.ts";
import type { PeerCertificate } from "../modules/report.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import { nodeTransport, open } from "../wasm/node.ts";
import type { OpenOptions } from "../wasm/node.ts";

/** What is known of a connection once its handshake is over. */
export interface ConnectionFacts {
    host: string;
    address: string | undefined;
    protocol: string;
    /** OpenSSL's and IANA's name. */
    cipher: { name: string; standardName: string };
    alpn: string | false;
    authorized: boolean;
    /** The code of what is wrong with the certificate, with `rejectUnauthorized: false`. */
    authorizationError: string | undefined;
    /** Names that the server's certificate is for, such as `DNS:example.org`. */
    names: string | undefined;
    /** Leaf first; the leaf alone without `keepChain`. */
    chain: PeerCertificate[];
}

/** Milliseconds from the start of the request. */
export interface Timings {
    /** TCP is connected. */
    connect: number;
    /** The handshake is over. */
    secure: number;
    /** The response's header has arrived. */
    firstByte: number;
    total: number;
}

/** Bytes. */
export interface HeapFacts {
    /** What was allowed. */
    arena: number;
    /** The most in use at any time, and what was in use between handshake and request. */
    peak: number;
    connected: number;
    /** The share of `connected` that belongs to the connection, not to `ca` and the like. */
    connection: number;
    /** What the core itself takes of the arena, beyond the above. */
    overhead: number;
    /** The most in use, by what was going on. */
    phases: MemoryPhases;
}

/** All about one exchange. */
export interface Exchange {
    response: IncomingMessage;
    connection: ConnectionFacts;
    timings: Timings;
    heap: HeapFacts;
    body: { bytes: number; sha256: string };
}

/** Who wants to know while it goes on. */
export interface Observer {
    /** The handshake is over; nothing has been sent yet. */
    connected?(facts: ConnectionFacts): void;
    /** The header is there. The observer has to take the body, and may pause it. */
    response(response: IncomingMessage): void;
}

/** What is exchanged. */
export interface Request {
    /** What is trusted without option `ca`. */
    roots?: OpenOptions["roots"];
    url: string;
    options: RequestOptions;
    body?: Uint8Array | undefined;
    /** Bytes of the arena. */
    budget: number;
}

const factsOf = function (socket: TLSSocket): ConnectionFacts {
    const leaf = socket.getPeerCertificate();
    const chain = socket.getPeerCertificate(true);
    return {
        host: socket.servername,
        address: socket.remoteAddress,
        protocol: socket.getProtocol() ?? "",
        cipher: socket.getCipher() ?? { name: "", standardName: "" },
        alpn: socket.alpnProtocol,
        authorized: socket.authorized,
        authorizationError: socket.authorizationError,
        names: leaf?.subjectaltname,
        chain: chain.length > 0 || !leaf ? chain : [leaf],
    };
};

/** Node's TCP, telling when a connection stands. */
const timedTransport = function (connected: () => void): Transport {
    return {
        ...nodeTransport,
        connect: (to, ready) =>
            nodeTransport.connect(to, () => {
                connected();
                ready();
            }),
    };
};

/**
 * Makes the request; resolves when the response is complete.
 *
 * @throws TlsError of `https`, also for a URL and options that cannot be used.
 */
export const exchange = async function (wanted: Request, observer: Observer): Promise<Exchange> {
    const timings: Timings = { connect: 0, secure: 0, firstByte: 0, total: 0 };
    const core = await open({
        arena: wanted.budget,
        roots: wanted.roots,
        transport: timedTransport(() => {
            timings.connect = elapsed();
        }),
    });
    const hash = createHash("sha256");
    const started = performance.now();
    const elapsed = (): number => performance.now() - started;
    let connection: ConnectionFacts | undefined;
    let connected = { inUse: 0, own: 0 };
    let count = 0;
    return new Promise((resolve, reject) => {
        const request = core.https.request(wanted.url, wanted.options);
        request.on("error", reject);
        request.on("socket", (plain) => {
            const socket = plain as TLSSocket;
            timings.secure = elapsed();
            connected = { inUse: core.memory().inUse, own: socket.memory().inUse };
            connection = factsOf(socket);
            observer.connected?.(connection);
        });
        request.on("response", (response) => {
            timings.firstByte = elapsed();
            response.on("error", reject);
            response.on("data", (data) => {
                hash.update(data, "latin1");
                count += data.length;
            });
            response.on("end", () => {
                timings.total = elapsed();
                const { size, peak, overhead, phases } = core.memory();
                resolve({
                    response,
                    connection: connection as ConnectionFacts,
                    timings,
                    heap: {
                        arena: size,
                        peak,
                        connected: connected.inUse,
                        connection: connected.own,
                        overhead,
                        phases,
                    },
                    body: { bytes: count, sha256: hash.digest("hex") },
                });
            });
            observer.response(response);
        });
        request.end(wanted.body);
    });
};
