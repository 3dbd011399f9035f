// SPDX-License-Identifier: Apache-2.0
/**
 * Servers of the core under test, for clients of others to be tried against.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { TlsError } from "../../modules/errors.ts";
import type { TlsServerOptions } from "../../modules/tls_server.ts";
import type { TLSSocket } from "../../modules/tls_socket.ts";
import type { EspruinoTls } from "../../wasm/node.ts";
import { sha256, testBytes } from "./node-servers.ts";
import type { Identity } from "./pki.ts";
import type { Version } from "./servers.ts";

/** A server that runs. */
export interface OwnServer {
    port: number;
    /** The errors of clients that failed in the handshake, in their order. */
    refused: TlsError[];
    /** The sockets of those that did not. */
    accepted: TLSSocket[];
    /** Resolves when so many clients have been refused. */
    refusals(count: number): Promise<void>;
    /** Stops listening; resolves when the last connection is gone. May be called again. */
    close(): Promise<void>;
    /** Drops all connections and stops listening. */
    drop(): Promise<void>;
}

/** The options that let a server speak one version only. */
export function onlyVersion(version: Version): Pick<TlsServerOptions, "minVersion" | "maxVersion"> {
    return { minVersion: `TLSv${version}`, maxVersion: `TLSv${version}` };
}

/** `cert` and `key` of an identity, its whole chain. */
export function identityOptions(identity: Identity): { cert: string; key: string } {
    return { cert: identity.chainPem, key: identity.keyPem };
}

/** What both kinds of server emit. */
interface Emitting {
    on(event: "error", listener: (error: unknown) => void): unknown;
    on(event: "tlsClientError", listener: (error: TlsError) => void): unknown;
    listen(port: number, host: string, callback: () => void): unknown;
    close(callback: () => void): unknown;
    closeAllConnections(): void;
    address(): unknown;
}

async function run(server: Emitting, accepted: TLSSocket[]): Promise<OwnServer> {
    const refused: TlsError[] = [];
    server.on("tlsClientError", (error) => refused.push(error));
    await new Promise<void>((resolve, reject) => {
        server.on("error", reject);
        server.listen(0, "127.0.0.1", resolve);
    });
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
        closed ??= new Promise((resolve) => void server.close(resolve));
        return closed;
    };
    return {
        port: (server.address() as { port: number }).port,
        refused,
        accepted,
        refusals: async (count) => {
            for (const limit = Date.now() + 10_000; refused.length < count; await sleep(2)) {
                assert(Date.now() < limit, `${refused.length} of ${count} clients were refused`);
            }
        },
        close,
        drop: () => {
            server.closeAllConnections();
            return close();
        },
    };
}

/** Starts our TLS server; unless told, it sends back what comes. */
export function ownTlsServer(
    core: EspruinoTls,
    options: TlsServerOptions,
    accept: (socket: TLSSocket) => void = (socket) => void socket.pipe(socket),
): Promise<OwnServer> {
    const accepted: TLSSocket[] = [];
    const server = core.tls.createServer(options, (socket) => {
        accepted.push(socket);
        accept(socket);
    });
    return run(server, accepted);
}

/**
 * Starts our HTTPS server: `/bytes/N` answers with N bytes of {@link testBytes}, `/sha256` with the
 * hash of the body that came, `/echo` with that body, everything else with `hello`.
 */
export function ownHttpsServer(core: EspruinoTls, options: TlsServerOptions): Promise<OwnServer> {
    const accepted: TLSSocket[] = [];
    const server = core.https.createServer({ ...options }, (request, response) => {
        const [, page, number] = request.url.split("/");
        const body: Buffer[] = [];
        accepted.push(request.socket as TLSSocket);
        request.on("data", (data) => body.push(Buffer.from(data, "latin1")));
        request.on("end", () => {
            if (page === "bytes") response.end(testBytes(Number(number)));
            else if (page === "sha256") response.end(sha256(Buffer.concat(body)));
            else if (page === "echo") response.end(Buffer.concat(body));
            else response.end("hello");
        });
    });
    return run(server, accepted);
}
