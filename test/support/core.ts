// SPDX-License-Identifier: Apache-2.0
/**
 * The core under test. Suites open it here and nowhere else, so that they run unchanged on every
 * host and build of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ARENA, openHost } from "./host.ts";
import type { EspruinoTls, OpenOptions } from "../../wasm/node.ts";
import type { ConnectOptions } from "../../modules/tls.ts";
import type { TlsError } from "../../modules/errors.ts";
import type { TLSSocket } from "../../modules/tls_socket.ts";

/** Opens a core; `arena` is what the host has room for unless the test is about its size. */
export function openCore(options: OpenOptions = {}): Promise<EspruinoTls> {
    return openHost({ arena: ARENA, ...options });
}

/**
 * Waits until everything in the arena is free again, as it has to be some moments after the last
 * socket was closed, and closes the core.
 *
 * @throws AssertionError when something stays
 */
export async function closeClean(core: EspruinoTls): Promise<void> {
    core.https.globalAgent.destroy();
    for (let i = 0; i < 200 && core.memory().inUse !== 0; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const { inUse, blocks } = core.memory();
    core.close();
    assert.deepEqual({ inUse, blocks }, { inUse: 0, blocks: 0 }, "the heap is back at its start");
}

/** What became of one connection. */
export interface Outcome {
    /** All plaintext that came, as bytes. */
    data: Buffer;
    /** The error that ended it, if one did. */
    error: TlsError | undefined;
    /** Whether the handshake was over. */
    secured: boolean;
    /** Whether the peer said goodbye. */
    ended: boolean;
}

/**
 * Connects, calls `talk` once the peer is verified, and waits for the end, whichever it is.
 */
export function converse(
    core: EspruinoTls,
    options: ConnectOptions,
    talk: (socket: TLSSocket) => void = () => undefined,
): Promise<Outcome> {
    return new Promise((resolve) => {
        const outcome: Outcome = { data: Buffer.alloc(0), error: undefined, secured: false, ended: false };
        const pieces: Buffer[] = [];
        const socket = core.tls.connect(options, (connected) => {
            outcome.secured = true;
            talk(connected);
        });
        socket.on("data", (data) => pieces.push(Buffer.from(data, "latin1")));
        socket.on("end", () => {
            outcome.ended = true;
        });
        socket.on("error", (error) => {
            outcome.error = error;
        });
        socket.on("close", () => {
            outcome.data = Buffer.concat(pieces);
            resolve(outcome);
        });
    });
}

/** A response with its whole body. */
export interface Response {
    status: number;
    headers: Record<string, string | string[]>;
    body: Buffer;
}

/** Makes a request through our `https`; rejects with the error that ends it. */
export function fetchBody(
    core: EspruinoTls,
    options: Record<string, unknown>,
    body?: string | Uint8Array,
): Promise<Response> {
    return new Promise((resolve, reject) => {
        const request = core.https.request(options, (response) => {
            const pieces: Buffer[] = [];
            response.on("data", (data) => pieces.push(Buffer.from(data, "latin1")));
            response.on("error", reject);
            response.on("end", () => {
                resolve({
                    status: response.statusCode,
                    headers: response.headers as Record<string, string | string[]>,
                    body: Buffer.concat(pieces),
                });
            });
        });
        request.on("error", reject);
        request.end(body);
    });
}
