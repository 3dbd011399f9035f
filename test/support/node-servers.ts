// SPDX-License-Identifier: Apache-2.0
/**
 * Node's own TLS and HTTPS as test servers.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import * as https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { readFileSync } from "node:fs";
import * as tls from "node:tls";
import type { Server, ServerOptions } from "./servers.ts";

/** Milliseconds that servers wait for a client, which may be an emulated chip that does other things meanwhile. */
const PATIENCE = 3_600_000;

/** More options for Node's servers; those of Node itself come last and win. */
export interface NodeServerOptions extends ServerOptions {
    tls?: https.ServerOptions | undefined;
    /** Is given the secrets of each connection, a line each, before they are used. */
    keylog?: ((line: Buffer) => void) | undefined;
}

/**
 * Starts Node's HTTPS server.
 *
 * @param options `handler` answers requests; unless told, {@link answerTestPages}
 */
export async function nodeHttpsServer(
    options: NodeServerOptions & { handler?: RequestListener },
): Promise<Server> {
    const server = https.createServer(nodeOptions(options), options.handler ?? answerTestPages);
    server.keepAliveTimeout = PATIENCE;
    server.headersTimeout = PATIENCE;
    server.requestTimeout = PATIENCE;
    return listen(server);
}

/** Starts Node's TLS server; without `accept` it sends back what comes. */
export async function nodeTlsServer(
    options: NodeServerOptions & { accept?: (socket: tls.TLSSocket) => void },
): Promise<Server> {
    const accept = options.accept ?? ((socket) => void socket.pipe(socket));
    const server = tls.createServer(nodeOptions(options), (socket) => {
        socket.on("error", () => undefined); // is reported by tlsClientError or not at all
        accept(socket);
    });
    if (options.keylog) server.on("keylog", options.keylog);
    return listen(server);
}

function nodeOptions({ identity, version, clientRootFile, tls: more }: NodeServerOptions): object {
    const only = version && (`TLSv${version}` as const);
    return {
        handshakeTimeout: PATIENCE,
        key: identity.keyPem,
        cert: identity.chainPem,
        ...(only ? { minVersion: only, maxVersion: only } : {}),
        ...(identity.weak ? { ciphers: `${tls.DEFAULT_CIPHERS}:@SECLEVEL=0` } : {}),
        ...(clientRootFile ? { requestCert: true, ca: readFileSync(clientRootFile) } : {}),
        ...more,
    };
}

async function listen(server: tls.Server | https.Server): Promise<Server> {
    const open = new Set<Socket>();
    const lines: string[] = [];
    server.on("connection", (socket: Socket) => {
        open.add(socket);
        socket.on("close", () => open.delete(socket));
    });
    server.on("tlsClientError", (error) => lines.push(error.message));
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
    });
    return {
        port: (server.address() as AddressInfo).port,
        output: () => lines.join("\n"),
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                for (const socket of open) {
                    socket.destroy();
                }
            }),
    };
}

/** So many bytes that are the same each time and repeat late (every 251 × 256 bytes). */
export function testBytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) {
        bytes[i] = (i % 251) ^ ((i / 251) & 255);
    }
    return bytes;
}

/** SHA-256 in hexadecimal. */
export function sha256(data: Uint8Array): string {
    return createHash("sha256").update(data).digest("hex");
}

/**
 * Answers requests as tests need it: `/bytes/N` with N bytes of {@link testBytes}, `/chunked/N` the
 * same in chunks, `/echo` with the body that came, `/sha256` with its hash, `/silent` never, and
 * everything else with `hello`.
 */
export function answerTestPages(request: IncomingMessage, response: ServerResponse): void {
    const [, page, number] = (request.url ?? "").split("/");
    const body: Buffer[] = [];
    request.on("data", (chunk: Buffer) => body.push(chunk));
    request.on("end", () => {
        if (page === "bytes") {
            sendWhole(response, testBytes(Number(number)));
        } else if (page === "chunked") {
            sendChunks(response, testBytes(Number(number)));
        } else if (page === "echo") {
            sendWhole(response, Buffer.concat(body));
        } else if (page === "sha256") {
            sendWhole(response, Buffer.from(sha256(Buffer.concat(body))));
        } else if (page !== "silent") {
            sendWhole(response, Buffer.from("hello"));
        }
    });
}

function sendWhole(response: ServerResponse, body: Buffer): void {
    response.writeHead(200, { "Content-Length": body.length }).end(body);
}

function sendChunks(response: ServerResponse, body: Buffer): void {
    for (let at = 0, size = 1; at < body.length; at += size, size = (size * 3) % 9973) {
        response.write(body.subarray(at, at + size));
    }
    response.end();
}
